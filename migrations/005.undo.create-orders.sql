-- Takes the orders away, with every row.
DROP TABLE orders;
