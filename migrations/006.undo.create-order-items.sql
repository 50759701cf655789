-- Takes the orders' contents away, with every row.
DROP TABLE order_items;
