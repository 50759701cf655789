-- updated_at is the services' own business again.
DROP TRIGGER update_orders_updated_at ON orders;
DROP TRIGGER update_cart_items_updated_at ON cart_items;
DROP TRIGGER update_carts_updated_at ON carts;
