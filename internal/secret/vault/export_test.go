package vault

import "testing"

// RevokeTokenForTest ends the client's token behind its back.
func (c *Client) RevokeTokenForTest(t *testing.T) {
	t.Helper()
	if err := c.current().api.Auth().Token().RevokeSelfWithContext(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
}
