package sinks

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

func validateHTTP(cfg cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	auth, hasAuth := knownBlock(cfg, "auth")
	if hasAuth {
		diags = append(diags, validateAuth(auth)...)
	}
	diags = append(diags, validateHeaders(cfg.GetAttr("headers"), hasAuth)...)
	if tls, ok := knownBlock(cfg, "tls"); ok {
		diags = append(diags, validateTLS(tls)...)
	}
	if raw, ok := knownString(cfg, "url"); ok {
		diags = append(diags, validateURL(raw, hasAuth)...)
	}
	return diags
}

// validateURL never shows the URL itself, because it may hold a password.
func validateURL(raw string, hasAuth bool) plugin.Diagnostics {
	at := plugin.Attr("url")
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return plugin.Error(at, "Invalid URL", "The URL can't be read: write it as in \"https://logs.example.com/ingest\".")
	case u.User != nil:
		return plugin.Error(at, "Credentials in a URL", "The URL holds a user name or a password, and URLs are shown in errors and logs: move them into auth { basic { username = ..., password = ... } }.")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return plugin.Error(at, "Invalid URL", "The URL must begin with http:// or https:// and name a host.")
	case u.Scheme == "http" && hasAuth && !isLoopback(u.Hostname()):
		return plugin.Warning(at, "Credentials sent in the clear", "The URL begins with http://, so anyone between here and %s can read the credentials: use https://.", u.Host)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func validateAuth(auth cty.Value) plugin.Diagnostics {
	at := plugin.Attr("auth")
	count, unknown := 0, false
	for name := range auth.Type().AttributeTypes() {
		unknown = unknown || !auth.GetAttr(name).IsKnown()
		if _, ok := knownBlock(auth, name); ok {
			count++
		}
	}
	if count > 1 || count == 0 && !unknown {
		return plugin.Error(at, "Ambiguous authentication", "The block holds %d ways to authenticate: write exactly one of basic, bearer and api_key.", count)
	}
	return validateAuthHeaders(auth)
}

// validateAuthHeaders checks what goes into a header as it stands. A token
// that was read from a file often ends with a newline.
func validateAuthHeaders(auth cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	check := func(block, name, summary, detail string, valid func(string) bool) {
		nested, ok := knownBlock(auth, block)
		if !ok {
			return
		}
		if value, ok := knownString(nested, name); ok && !valid(value) {
			diags = append(diags, plugin.Error(plugin.Attr("auth").GetAttr(block).GetAttr(name), summary, "%s", detail)...)
		}
	}
	check("api_key", "header", "Invalid header", "The name of a header is made of letters, digits and hyphens, as in X-API-Key.", isHeaderName)
	check("api_key", "value", "Invalid credentials", noControl, isHeaderValue)
	check("bearer", "token", "Invalid credentials", noControl, isHeaderValue)
	return diags
}

const noControl = "The value holds a line break or another control character: where it was read from a file, take the newline at its end off with chomp()."

func validateHeaders(headers cty.Value, hasAuth bool) plugin.Diagnostics {
	if !headers.IsKnown() || headers.IsNull() {
		return nil
	}
	var diags plugin.Diagnostics
	refuse := func(format string, args ...any) {
		diags = append(diags, plugin.Error(plugin.Attr("headers"), "Invalid header", format, args...)...)
	}
	for it := headers.ElementIterator(); it.Next(); {
		key, value := it.Element()
		name := key.AsString()
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case !isHeaderName(name):
			refuse("%q is not the name of a header.", name)
		case isOwnHeader(canonical):
			refuse("The sink sets %s itself: leave it out.", canonical)
		case canonical == "Authorization" && hasAuth:
			refuse("Authorization is given both here and by the block auth: keep one of them.")
		case value.IsKnown() && (value.IsNull() || !isHeaderValue(value.AsString())):
			refuse("The value of %s is null, or holds a line break or another control character.", canonical)
		}
	}
	return diags
}

// isOwnHeader reports whether only the sink can set a header right.
func isOwnHeader(canonical string) bool {
	switch canonical {
	case "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection", "Trailer":
		return true
	}
	return false
}

// isHeaderName reports whether name is a token as in RFC 9110.
func isHeaderName(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return name != ""
}

func isHeaderValue(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

func validateTLS(block cty.Value) plugin.Diagnostics {
	at := plugin.Attr("tls")
	cert, key := block.GetAttr("cert_file"), block.GetAttr("key_file")
	if cert.IsKnown() && key.IsKnown() && cert.IsNull() != key.IsNull() {
		return plugin.Error(at, "Incomplete client certificate", "A certificate needs its private key: give both cert_file and key_file, or neither.")
	}
	if skip := block.GetAttr("insecure_skip_verify"); skip.IsKnown() && !skip.IsNull() && skip.True() {
		return plugin.Warning(at.GetAttr("insecure_skip_verify"), "The server is not checked", "Anyone who can take the server's place will be sent the events and the credentials: give the server's authority as ca_file instead.")
	}
	return nil
}
