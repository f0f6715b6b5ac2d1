package terraform

// publishedMutations are of providers that everyone uses. Unlike the one of the
// tests they keep to the rules of an older library, in which an attribute that
// is not set is empty rather than null.
func publishedMutations() []mutation {
	return []mutation{
		{name: "a file of the provider local is changed by hand", uses: "local", code: localFile, then: byHand("a", "by hand"), verdict: "drifted: 1 drifted", detail: []string{"drift delete local_file.a"}},
		{name: "a file of the provider local is removed by hand", uses: "local", code: localFile, then: removed("a"), verdict: "drifted: 1 drifted", detail: []string{"drift delete local_file.a"}},
		{name: "the code changes the mode of a file of the provider local", uses: "local", code: localFile, then: recoded("0640", "0600"), verdict: "pending: 1 pending",
			detail: []string{"pending replace local_file.a", `  file_permission: "0640" -> "0600"`}},
		{name: "what the provider null makes is as it was", uses: "null", code: nullResource, verdict: "clean: as declared"},
		{name: "the code changes the trigger of a resource of the provider null", uses: "null", code: nullResource, then: recoded(`"one"`, `"two"`), verdict: "pending: 1 pending",
			detail: []string{"pending replace null_resource.a", `  triggers.first: "one" -> "two"`}},
		{name: "the code adds a trigger to a resource of the provider null", uses: "null", code: nullResource, then: recoded(`first = "one"`, `first = "one", second = "two"`), verdict: "pending: 1 pending",
			detail: []string{"pending replace null_resource.a", `  triggers.second: null -> "two"`}},
		{name: "a data source of the provider null is read once the code is applied", uses: "null", code: nullResource + nullData, then: recoded(`"one"`, `"two"`), verdict: "pending: 1 pending",
			detail: []string{"pending replace null_resource.a", `  triggers.first: "one" -> "two"`}},
		{name: "what the provider random drew is as it was", uses: "random", code: randomResources, verdict: "clean: as declared"},
		{name: "the code has the provider random draw anew", uses: "random", code: randomResources, then: recoded(`"one"`, `"two"`), verdict: "pending: 1 pending",
			detail: []string{"pending replace random_pet.a", `  keepers.first: "one" -> "two"`}},
		{name: "the code has the provider random draw another", uses: "random", code: randomResources, then: extended("resource \"random_pet\" \"b\" {}\n"), verdict: "pending: 1 pending",
			detail: []string{"pending create random_pet.b"}},
		{name: "a key and a certificate of the provider tls are as they were", uses: "tls", code: certificate, verdict: "clean: 1 changed outside as the code allows"},
		{name: "a certificate of the provider tls is due", uses: "tls", code: dueCertificate, verdict: "drifted: 1 drifted", detail: []string{"drift delete tls_self_signed_cert.a"}},
		{name: "the code changes the certificate of the provider tls", uses: "tls", code: certificate, then: recoded("a.example", "b.example"), verdict: "pending: 1 pending",
			detail: []string{"pending replace tls_self_signed_cert.a", `  subject[0].common_name: "a.example" -> "b.example"`}},
	}
}

const (
	localFile = `
resource "local_file" "a" {
  filename        = "FILES/a"
  content         = "as declared"
  file_permission = "0640"
}
`
	nullResource    = "resource \"null_resource\" \"a\" {\n  triggers = { first = \"one\" }\n}\n"
	nullData        = "data \"null_data_source\" \"a\" {\n  inputs = { id = null_resource.a.id }\n}\n"
	randomResources = `
resource "random_pet" "a" {
  keepers = { first = "one" }
}
resource "random_id" "a" {
  byte_length = 8
}
resource "random_string" "a" {
  length = 12
}
`
	tlsKey = `
resource "tls_private_key" "a" {
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}
resource "tls_self_signed_cert" "a" {
  key_algorithm   = "ECDSA"
  private_key_pem = tls_private_key.a.private_key_pem
  allowed_uses    = ["server_auth"]
  subject {
    common_name = "a.example"
  }
`
	certificate    = tlsKey + "  validity_period_hours = 24\n}\n"
	dueCertificate = tlsKey + "  validity_period_hours = 24\n  early_renewal_hours = 24\n}\n"
)
