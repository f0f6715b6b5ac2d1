package lang

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
)

var (
	base64Encode = textFunc("string", func(s string) (string, error) {
		return base64.StdEncoding.EncodeToString([]byte(s)), nil
	})
	base64Decode = textFunc("string", func(s string) (string, error) {
		p, err := decodeBase64(s)
		if err == nil && !utf8.Valid(p) {
			err = errors.New("the decoded bytes are not valid UTF-8")
		}
		return string(p), err
	})
	base64Gzip = textFunc("string", func(s string) (string, error) {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write([]byte(s)); err != nil {
			return "", err
		}
		if err := w.Close(); err != nil {
			return "", err
		}
		return base64.StdEncoding.EncodeToString(packed.Bytes()), nil
	})
	urlEncode = textFunc("string", func(s string) (string, error) {
		return url.QueryEscape(s), nil
	})
	urlDecode = textFunc("string", func(s string) (string, error) {
		decoded, err := url.QueryUnescape(s)
		if err == nil && !utf8.ValidString(decoded) {
			err = errors.New("the decoded bytes are not valid UTF-8")
		}
		return decoded, err
	})
)

func decodeBase64(s string) ([]byte, error) {
	p, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, errors.New("the string is not valid Base64")
	}
	return p, nil
}

var textEncodeBase64 = charsetFunc(
	func(s string, charset encoding.Encoding) (string, error) {
		encoded, err := charset.NewEncoder().Bytes([]byte(s))
		if err != nil {
			return "", errors.New("the string has characters that the encoding doesn't have")
		}
		return base64.StdEncoding.EncodeToString(encoded), nil
	})

var textDecodeBase64 = charsetFunc(
	func(s string, charset encoding.Encoding) (string, error) {
		encoded, err := decodeBase64(s)
		if err != nil {
			return "", err
		}
		text, err := charset.NewDecoder().Bytes(encoded)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return "", errors.New("the bytes are not valid in the encoding")
		}
		return string(text), nil
	})

func charsetFunc(f func(s string, charset encoding.Encoding) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: params("string", "encoding"),
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := args[1].AsString()
			charset, err := ianaindex.IANA.Encoding(name)
			if err != nil || charset == nil {
				return cty.NilVal, function.NewArgError(1, unknownEncoding(name))
			}
			out, err := f(args[0].AsString(), charset)
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(out), nil
		},
	})
}

func unknownEncoding(name string) error {
	common := []string{"UTF-8", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252", "US-ASCII"}
	return fmt.Errorf("%q is not a known encoding; its name is that of IANA, as in %s.%s",
		name, strings.Join(common, ", "), Suggest(strings.ToUpper(name), common))
}
