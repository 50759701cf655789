/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints */
export const LONGEST_NAME = 63;
/** With room for what a replaced instance is called afterwards: `-retired-20260131020000`. */
export const LONGEST_IDENTIFIER = LONGEST_NAME - '-retired-20260131020000'.length;
