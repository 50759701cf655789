-- Searches read whole tables again.
DROP INDEX idx_order_items_order_id;
DROP INDEX idx_orders_status;
DROP INDEX idx_orders_customer_id;
