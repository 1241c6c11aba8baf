CREATE TABLE role_status_lists ( list INTEGER NOT NULL, PRIMARY KEY (list) );
CREATE TRIGGER role_status_lists_no_update BEFORE UPDATE ON role_status_lists BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END;
CREATE TRIGGER role_status_lists_no_delete BEFORE DELETE ON role_status_lists BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END;
CREATE INDEX status_changes_of_list ON status_changes (list, sequence);
CREATE TABLE status_list_coverage ( signed BIGINT NOT NULL, last_change BIGINT NOT NULL, PRIMARY KEY (signed) );
CREATE TRIGGER status_list_coverage_no_update BEFORE UPDATE ON status_list_coverage BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END;
CREATE TRIGGER status_list_coverage_no_delete BEFORE DELETE ON status_list_coverage BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END;
