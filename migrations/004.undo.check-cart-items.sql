-- Any price and quantity is taken again.
ALTER TABLE cart_items DROP CONSTRAINT check_positive_quantity;
ALTER TABLE cart_items DROP CONSTRAINT check_positive_price;
