-- The services know these five states and no other, and an order of nothing is none.
ALTER TABLE orders ADD CONSTRAINT check_positive_total
    CHECK (total_amount > 0);
ALTER TABLE orders ADD CONSTRAINT check_valid_status
    CHECK (status IN ('pending', 'processing', 'shipped', 'delivered', 'cancelled'));
