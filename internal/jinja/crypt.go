package jinja

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"strings"
)

const (
	cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	maxPassword   = 4096 // bytes
)

// shaCrypt is SHA-crypt of the GNU C library, with SHA-256 or SHA-512, as
// Ulrich Drepper specified it.
func shaCrypt(name, password, salt string, rounds int) (string, error) {
	newHash, id := sha512.New, "6"
	if name == "sha256" {
		newHash, id = sha256.New, "5"
	}
	switch {
	case len(salt) > 16 || salt == "":
		return "", errors.New("the salt has between 1 and 16 characters")
	case strings.Trim(salt, cryptAlphabet) != "":
		return "", errors.New("the salt has letters, digits, dots and slashes only")
	case len(password) > maxPassword:
		return "", fmt.Errorf("the password has more than %d bytes", maxPassword)
	case strings.ContainsRune(password, 0):
		return "", errors.New("the password has a zero byte")
	}
	sum := shaCryptSum(newHash, []byte(password), []byte(salt), rounds)
	// The rounds are left out where they are those that crypt(3) takes anyway.
	if rounds == 5000 {
		return fmt.Sprintf("$%s$%s$%s", id, salt, shaCryptText(sum)), nil
	}
	return fmt.Sprintf("$%s$rounds=%d$%s$%s", id, rounds, salt, shaCryptText(sum)), nil
}

func shaCryptSum(newHash func() hash.Hash, password, salt []byte, rounds int) []byte {
	h := newHash()
	h.Write(bytes.Join([][]byte{password, salt, password}, nil))
	alternate := h.Sum(nil)

	h.Reset()
	h.Write(password)
	h.Write(salt)
	h.Write(stretched(alternate, len(password)))
	for n := len(password); n > 0; n >>= 1 {
		if n&1 == 1 {
			h.Write(alternate)
		} else {
			h.Write(password)
		}
	}
	sum := h.Sum(nil)

	h.Reset()
	for range password {
		h.Write(password)
	}
	p := stretched(h.Sum(nil), len(password))
	h.Reset()
	for range 16 + int(sum[0]) {
		h.Write(salt)
	}
	s := stretched(h.Sum(nil), len(salt))

	for i := range rounds {
		h.Reset()
		first, last := sum, p
		if i&1 == 1 {
			first, last = p, sum
		}
		h.Write(first)
		if i%3 != 0 {
			h.Write(s)
		}
		if i%7 != 0 {
			h.Write(p)
		}
		h.Write(last)
		sum = h.Sum(sum[:0])
	}
	return sum
}

// stretched repeats b up to n bytes.
func stretched(b []byte, n int) []byte {
	return bytes.Repeat(b, n/len(b)+1)[:n]
}

// shaCryptText writes the bytes in the order of the specification: of three
// thirds one from each, where which third comes first goes round.
func shaCryptText(sum []byte) string {
	var b strings.Builder
	put := func(x, y, z byte, n int) {
		w := uint(x)<<16 | uint(y)<<8 | uint(z)
		for range n {
			b.WriteByte(cryptAlphabet[w&63])
			w >>= 6
		}
	}
	third := len(sum) / 3
	for i := range third {
		at := [3]int{i, i + third, i + 2*third}
		turn := i % 3 // SHA-512 goes round one way
		if len(sum) == sha256.Size {
			turn = 2 * i % 3 // and SHA-256 the other
		}
		put(sum[at[turn]], sum[at[(turn+1)%3]], sum[at[(turn+2)%3]], 4)
	}
	if len(sum) == sha256.Size {
		put(0, sum[31], sum[30], 3)
	} else {
		put(0, 0, sum[63], 2)
	}
	return b.String()
}
