CREATE TABLE passport_identifiers ( identifier TEXT COLLATE "C" NOT NULL, subject TEXT COLLATE "C" NOT NULL, PRIMARY KEY (identifier, subject) );
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the store is append-only'; END $$;
CREATE TRIGGER passport_identifiers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON passport_identifiers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE passport_identifiers ENABLE ALWAYS TRIGGER passport_identifiers_append_only;
