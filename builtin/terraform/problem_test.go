package terraform

import "testing"

func TestKindsOfFailures(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]failure{
		"Error acquiring the state lock":         failedLock,
		"the API answered 429 Too Many Requests": failedThrottle,
		"ThrottlingException: Rate exceeded":     failedThrottle,
		"StatusCode: 429":                        failedThrottle,
		"ExpiredToken: the lease is over":        failedAuth,
		"the answer was 403":                     failedAuth,
		"failed to connect to `user=owner`: dial error: dial unix: no such file":  failedNetwork,
		"dial tcp 127.0.0.1:1: connect: connection refused":                       failedNetwork,
		"no available releases match the given constraints 9.9.9":                 failedConfig,
		"nowhere was not found in any of the search locations - /a/e721429d/b401": failedConfig,
		"the file /srv/429d/main.tf is broken":                                    failedConfig,
		"Plugin did not respond":                                                  failedInternal,
	} {
		if got := kindOf("Error", said); got != want {
			t.Errorf("%q is of the kind %s, want %s", said, got, want)
		}
	}
}
