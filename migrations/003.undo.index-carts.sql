-- Searches read whole tables again, or use the index of the UNIQUE constraint.
DROP INDEX idx_cart_items_product_id;
DROP INDEX idx_cart_items_cart_id;
DROP INDEX idx_carts_customer_id;
