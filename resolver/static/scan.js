// Reads a QR or Data Matrix code with the browser's own BarcodeDetector and opens what it says. Nothing is sent.
"use strict";
(async () => {
  const box = document.getElementById("camera");
  const say = (name) => { document.getElementById("scan-said").textContent = box.dataset[name]; };
  const able = "BarcodeDetector" in window && navigator.mediaDevices && navigator.mediaDevices.getUserMedia;
  const formats = able ? await BarcodeDetector.getSupportedFormats() : [];
  const wanted = ["qr_code", "data_matrix"].filter((each) => formats.includes(each));
  if (!wanted.length) { say("none"); return; }
  const start = document.getElementById("scan-start");
  start.hidden = false;
  start.addEventListener("click", async () => {
    const video = document.getElementById("scan-video");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch { say("refused"); return; }
    video.srcObject = stream;
    video.hidden = false;
    start.hidden = true;
    say("looking");
    await video.play();
    const detector = new BarcodeDetector({ formats: wanted });
    const look = async () => {
      const codes = await detector.detect(video).catch(() => []);
      if (codes.length) {
        stream.getTracks().forEach((track) => track.stop());
        const field = document.getElementById("q");
        field.value = codes[0].rawValue.slice(0, 300);
        field.form.submit();
        return;
      }
      requestAnimationFrame(look);
    };
    look();
  });
})();
