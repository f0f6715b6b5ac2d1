// Command terraform-provider-fixture is a small real provider for the tests of
// the terraform task. Its resources are files and roles of a PostgreSQL server,
// so that a test makes drift by writing to a file, or with a statement of SQL.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// address is what configurations name as the provider's source. Nothing
// answers there: the provider is only ever found in a directory.
const address = "driftless.test/fixtures/fixture"

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return fixture{} }, providerserver.ServeOpts{Address: address})
	if err != nil {
		log.Fatal(err)
	}
}

type fixture struct{}

var _ provider.Provider = fixture{}

func (fixture) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "fixture"
}

func (fixture) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (fixture) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (fixture) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (fixture) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return file{} },
		func() resource.Resource { return role{} },
	}
}
