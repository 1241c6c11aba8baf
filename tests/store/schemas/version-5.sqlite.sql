CREATE TABLE passport_identifiers ( identifier TEXT NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (identifier, subject) );
CREATE TRIGGER passport_identifiers_no_update BEFORE UPDATE ON passport_identifiers BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END;
CREATE TRIGGER passport_identifiers_no_delete BEFORE DELETE ON passport_identifiers BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END;
