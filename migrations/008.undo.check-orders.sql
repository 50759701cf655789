-- Any total and status is taken again.
ALTER TABLE orders DROP CONSTRAINT check_valid_status;
ALTER TABLE orders DROP CONSTRAINT check_positive_total;
