-- A free or negative item is a fault of the service, and must fail where it is made, not at the till.
ALTER TABLE cart_items ADD CONSTRAINT check_positive_price
    CHECK (price > 0);
ALTER TABLE cart_items ADD CONSTRAINT check_positive_quantity
    CHECK (quantity > 0);
