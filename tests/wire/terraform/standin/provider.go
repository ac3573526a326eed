// A stand-in for the official Terraform provider, for machines that cannot
// have the official one. It knows the impersonation registry alone and is our
// own code; what it takes over is the behaviour a server has to live with:
//
//   - the schema: three required attributes, five that are Optional and not
//     Computed (so a value that the server fills in shows as a difference),
//     four that are Computed;
//   - create sends only what is set and reads back only what is Computed;
//   - refresh and import read every attribute;
//   - update is a PATCH in which an attribute that was removed is a null;
//   - a 404 on refresh drops the resource from the state, on delete it is an error;
//   - the provider's pattern for API tokens;
//   - the requests themselves are made by the official Go client.
//
// What it cannot prove is that the official provider has no surprise of its own.
package main

import (
	"context"
	"log"
	"os"
	"regexp"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var tokenPattern = regexp.MustCompile(`^[0-9A-Za-z\-_]{40,80}$`)

func main() {
	// With dev_overrides the address is not looked up; it only has to be well formed.
	err := providerserver.Serve(context.Background(), func() provider.Provider { return standIn{} },
		providerserver.ServeOpts{Address: "sosie.invalid/cloudflare/cloudflare"})
	if err != nil {
		log.Fatal(err)
	}
}

type standIn struct{}

type standInModel struct {
	BaseURL  types.String `tfsdk:"base_url"`
	APIToken types.String `tfsdk:"api_token"`
}

func (standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "cloudflare"
	resp.Version = "stand-in"
}

func (standIn) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"base_url": schema.StringAttribute{Optional: true},
		"api_token": schema.StringAttribute{Optional: true, Validators: []validator.String{
			stringvalidator.RegexMatches(tokenPattern, "an API token has 40 to 80 characters of 0-9, A-Z, a-z, - and _"),
		}},
	}}
}

func (standIn) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model standInModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// No retries: what fails once has failed.
	opts := []option.RequestOption{option.WithMaxRetries(0)}
	if !model.BaseURL.IsNull() {
		opts = append(opts, option.WithBaseURL(model.BaseURL.ValueString()))
	}
	if !model.APIToken.IsNull() {
		opts = append(opts, option.WithAPIToken(model.APIToken.ValueString()))
	}
	client := cloudflare.NewClient(opts...)
	resp.ResourceData, resp.DataSourceData = client, client
}

func (standIn) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource {
		return &entryResource{everyAttribute: os.Getenv("STANDIN_UPDATE") == "every"}
	}}
}

func (standIn) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return &entryData{} },
		func() datasource.DataSource { return &entriesData{} },
	}
}
