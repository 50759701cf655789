declare module 'asl-validator' {
  const validate: (
    definition: unknown,
    options: { checkPaths: boolean; checkArn: boolean },
  ) => { isValid: boolean; errors: { message?: string }[] };
  export default validate;
}
