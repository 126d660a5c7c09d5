/** Before every test of every suite: one that asserts nothing fails, as it could in no other way. */
beforeEach(() => {
  expect.hasAssertions();
});
