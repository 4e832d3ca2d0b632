test('is wrong', () => {
  expect(1).toBe(2)
})
