-- A token of the third kind signs nothing: whoever shows it may use it. Its key_material is
-- the SHA-256 of its text. alg is 1 then, and tells nothing.
ALTER TABLE token ADD COLUMN is_bearer INTEGER NOT NULL DEFAULT 0
    CHECK (is_bearer IN (0, 1));
