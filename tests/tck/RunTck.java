import java.io.FileReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.eclipse.dataspacetck.core.system.ConsoleMonitor;
import org.eclipse.dataspacetck.runtime.TckRuntime;

/** Runs the compatibility kit's test packages against a system that is up: RunTck PROPERTIES PACKAGE... */
public class RunTck {
    public static void main(String[] args) throws Exception {
        var properties = new Properties();
        try (var reader = new FileReader(args[0])) {
            properties.load(reader);
        }
        Map<String, String> settings = new HashMap<>();
        properties.forEach((name, value) -> settings.put(name.toString(), value.toString()));
        var debug = Boolean.parseBoolean(settings.getOrDefault("dataspacetck.debug", "false"));
        var builder = TckRuntime.Builder.newInstance().properties(settings).monitor(new ConsoleMonitor(debug, false));
        for (int i = 1; i < args.length; i++) {
            builder.addPackage(args[i]);
        }
        var summary = builder.build().execute();
        for (var failure : summary.getFailures()) {
            System.out.println("FAILED " + failure.getTestIdentifier().getDisplayName() + ": " + failure.getException());
        }
        System.out.println(summary.getTestsFoundCount() + " found, " + summary.getTestsSucceededCount() + " passed, "
                + summary.getTestsFailedCount() + " failed, " + summary.getTestsSkippedCount() + " skipped");
        System.exit(summary.getTestsFailedCount() + summary.getContainersFailedCount() == 0 ? 0 : 1);
    }
}
