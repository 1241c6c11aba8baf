CREATE TABLE role_status_lists ( list INTEGER NOT NULL, PRIMARY KEY (list) );
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the store is append-only'; END $$;
CREATE TRIGGER role_status_lists_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON role_status_lists FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE role_status_lists ENABLE ALWAYS TRIGGER role_status_lists_append_only;
CREATE INDEX status_changes_of_list ON status_changes (list, sequence);
CREATE TABLE status_list_coverage ( signed BIGINT NOT NULL, last_change BIGINT NOT NULL, PRIMARY KEY (signed) );
CREATE TRIGGER status_list_coverage_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON status_list_coverage FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE status_list_coverage ENABLE ALWAYS TRIGGER status_list_coverage_append_only;
