-- One function keeps updated_at true, whichever service writes the row. No OR REPLACE: one that we did not make is not ours to replace.
CREATE FUNCTION update_updated_at_column()
RETURNS TRIGGER AS $$
BEGIN
    NEW.updated_at = CURRENT_TIMESTAMP;
    RETURN NEW;
END;
$$ language 'plpgsql';
