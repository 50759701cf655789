-- No trigger calls it any more when this runs.
DROP FUNCTION update_updated_at_column();
