-- versions: 8..
-- An order is about something, and in one of the five states that the services know.

INSERT INTO orders (customer_id, total_amount, status)
SELECT 'check-1', 1, unnest(ARRAY['pending', 'processing', 'shipped', 'delivered', 'cancelled']);

-- refuses 23514 check_positive_total: an order of nothing
INSERT INTO orders (customer_id, total_amount) VALUES ('check-1', 0);

-- refuses 23514 check_valid_status: a state that nobody knows
INSERT INTO orders (customer_id, total_amount, status) VALUES ('check-1', 1, 'lost');

-- refuses 23514 check_valid_status: a state in capitals
UPDATE orders SET status = 'SHIPPED' WHERE customer_id = 'check-1';
