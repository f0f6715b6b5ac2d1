package api

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/config/eval"
)

// authority issues certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t, cert, key}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue returns a certificate of a name and its key, in PEM. It is for this
// host, and for names in the DNS.
func (a *authority) issue(name string, dns ...string) (cert, key []byte) {
	a.t.Helper()
	private := newKey(a.t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: dns, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, private.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	return toPEM("CERTIFICATE", der), toPEM("PRIVATE KEY", keyDER)
}

func toPEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (a *authority) pem() []byte { return toPEM("CERTIFICATE", a.cert.Raw) }

// client trusts an authority, and presents a certificate where it has one.
func (a *authority) client(certificates ...tls.Certificate) *http.Client {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: certificates}, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	return &http.Client{Transport: transport}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// presented is the name in the certificate that a server presents.
func presented(t *testing.T, client *http.Client, address string) (string, error) {
	t.Helper()
	response, err := client.Get("https://" + address + "/-/healthy")
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	return response.TLS.PeerCertificates[0].Subject.CommonName, nil
}

func serveTLS(t *testing.T, files eval.TLS, log hclog.Logger) string {
	t.Helper()
	config, err := NewTLS(files, log)
	if err != nil {
		t.Fatal(err)
	}
	_, address := serveWith(t, Options{Backend: &backend{}, Log: hclog.NewNullLogger(), TLS: config})
	return address
}

func TestACertificateIsReadAgainWhenItHasChanged(t *testing.T) {
	a, dir := newAuthority(t), t.TempDir()
	files := eval.TLS{CertFile: filepath.Join(dir, "tls.crt"), KeyFile: filepath.Join(dir, "tls.key")}
	put := func(name string) {
		cert, key := a.issue(name)
		write(t, files.CertFile, cert)
		write(t, files.KeyFile, key)
	}
	put("first")
	var log bytes.Buffer
	address := serveTLS(t, files, hclog.New(&hclog.LoggerOptions{Output: &log}))
	expect := func(when, want string) {
		t.Helper()
		if got, err := presented(t, a.client(), address); got != want || err != nil {
			t.Errorf("%s it presents %q, %v; want %q", when, got, err, want)
		}
	}
	expect("at first", "first")
	put("second")
	expect("once the files have changed", "second")
	cert, _ := a.issue("third")
	write(t, files.CertFile, cert)
	expect("while the key is that of another", "second")
	expect("and still", "second")
	if n := strings.Count(log.String(), "was not renewed"); n != 1 {
		t.Errorf("the log says %d times that the certificate can't be used:\n%s", n, &log)
	}
	if err := os.Remove(files.CertFile); err != nil {
		t.Fatal(err)
	}
	expect("while the file is gone", "second")
	put("fourth")
	expect("once all is well again", "fourth")
}

func TestClientsNeedACertificateOfTheAuthority(t *testing.T) {
	a, clients, others, dir := newAuthority(t), newAuthority(t), newAuthority(t), t.TempDir()
	files := eval.TLS{CertFile: filepath.Join(dir, "tls.crt"), KeyFile: filepath.Join(dir, "tls.key"), ClientCAFile: filepath.Join(dir, "clients.pem")}
	cert, key := a.issue("server")
	write(t, files.CertFile, cert)
	write(t, files.KeyFile, key)
	write(t, files.ClientCAFile, clients.pem())
	address := serveTLS(t, files, hclog.NewNullLogger())
	of := func(issuer *authority) tls.Certificate {
		pair, err := tls.X509KeyPair(issuer.issue("client"))
		if err != nil {
			t.Fatal(err)
		}
		return pair
	}
	known, unknown := a.client(of(clients)), a.client(of(others))
	if _, err := presented(t, known, address); err != nil {
		t.Errorf("a client with a certificate: %v", err)
	}
	if _, err := presented(t, unknown, address); err == nil {
		t.Error("a client with a certificate of another authority was served")
	}
	if _, err := presented(t, a.client(), address); err == nil {
		t.Error("a client without a certificate was served")
	}
	write(t, files.ClientCAFile, others.pem())
	if _, err := presented(t, known, address); err == nil {
		t.Error("a client of an authority that is gone was served")
	}
	if _, err := presented(t, unknown, address); err != nil {
		t.Errorf("a client of the authority that took its place: %v", err)
	}
}

func TestOldVersionsOfTLSAreRefused(t *testing.T) {
	a, dir := newAuthority(t), t.TempDir()
	files := eval.TLS{CertFile: filepath.Join(dir, "tls.crt"), KeyFile: filepath.Join(dir, "tls.key")}
	cert, key := a.issue("server")
	write(t, files.CertFile, cert)
	write(t, files.KeyFile, key)
	address := serveTLS(t, files, hclog.NewNullLogger())
	for version, served := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		pool := x509.NewCertPool()
		pool.AddCert(a.cert)
		connection, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool, MinVersion: version, MaxVersion: version})
		if err == nil {
			connection.Close()
		}
		if (err == nil) != served {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
	modern, err := a.client().Get("https://" + address + "/-/healthy")
	if err != nil {
		t.Fatal(err)
	}
	modern.Body.Close()
	if modern.ProtoMajor != 2 {
		t.Errorf("it speaks %s", modern.Proto)
	}
	response, err := http.Get("http://" + address + "/-/healthy")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS it answered %s", response.Status)
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	a, dir := newAuthority(t), t.TempDir()
	cert, key := a.issue("server")
	_, otherKey := a.issue("server")
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("cert"), cert)
	write(t, at("key"), key)
	write(t, at("other"), otherKey)
	for _, tt := range []struct {
		name  string
		files eval.TLS
		want  string
	}{
		{"no certificate", eval.TLS{CertFile: at("none"), KeyFile: at("key")}, "read cert_file of the tls block"},
		{"no key", eval.TLS{CertFile: at("cert"), KeyFile: at("none")}, "read key_file of the tls block"},
		{"the key of another", eval.TLS{CertFile: at("cert"), KeyFile: at("other")}, "are no certificate in PEM with its key"},
		{"no authority", eval.TLS{CertFile: at("cert"), KeyFile: at("key"), ClientCAFile: at("none")}, "read client_ca_file of the tls block"},
		{"an authority that is none", eval.TLS{CertFile: at("cert"), KeyFile: at("key"), ClientCAFile: at("key")}, "holds no certificate of an authority"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewTLS(tt.files, hclog.NewNullLogger())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
