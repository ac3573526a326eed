package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/email_security"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// filter is what both data sources can ask for.
type filter struct {
	Direction  types.String `tfsdk:"direction"`
	Order      types.String `tfsdk:"order"`
	Provenance types.String `tfsdk:"provenance"`
	Search     types.String `tfsdk:"search"`
}

func filterAttributes() map[string]schema.Attribute {
	oneOf := func(values ...string) []validator.String {
		return []validator.String{stringvalidator.OneOfCaseInsensitive(values...)}
	}
	return map[string]schema.Attribute{
		"direction":  schema.StringAttribute{Optional: true, Validators: oneOf("asc", "desc")},
		"order":      schema.StringAttribute{Optional: true, Validators: oneOf("name", "email", "created_at")},
		"provenance": schema.StringAttribute{Optional: true, Validators: oneProvenance},
		"search":     schema.StringAttribute{Optional: true},
	}
}

func (f filter) params(account types.String) email_security.SettingImpersonationRegistryListParams {
	params := email_security.SettingImpersonationRegistryListParams{AccountID: cloudflare.F(account.ValueString())}
	if !f.Direction.IsNull() {
		params.Direction = cloudflare.F(email_security.SettingImpersonationRegistryListParamsDirection(f.Direction.ValueString()))
	}
	if !f.Order.IsNull() {
		params.Order = cloudflare.F(email_security.SettingImpersonationRegistryListParamsOrder(f.Order.ValueString()))
	}
	if !f.Provenance.IsNull() {
		params.Provenance = cloudflare.F(email_security.SettingImpersonationRegistryListParamsProvenance(f.Provenance.ValueString()))
	}
	if !f.Search.IsNull() {
		params.Search = cloudflare.F(f.Search.ValueString())
	}
	return params
}

func entryAttributes() map[string]schema.Attribute {
	text, number := schema.StringAttribute{Computed: true}, schema.Int64Attribute{Computed: true}
	moment := schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}}
	return map[string]schema.Attribute{
		"id": text, "email": text, "is_email_regex": schema.BoolAttribute{Computed: true}, "name": text,
		"comments": text, "directory_id": number, "directory_node_id": number,
		"external_directory_node_id": text, "provenance": text,
		"created_at": moment, "last_modified": moment, "modified_at": moment,
	}
}

// listed reads the entries of one page, as the server sent them.
func listed(raw string) (found []fields, err error) {
	var page struct {
		Result []onWire `json:"result"`
	}
	if err := json.Unmarshal([]byte(raw), &page); err != nil {
		return nil, err
	}
	for _, entry := range page.Result {
		var one fields
		if err := one.fromWire(entry); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// entryData is one entry, by its id or as the only one that a filter finds.
type entryData struct{ client *cloudflare.Client }

type entryDataModel struct {
	AccountID types.String `tfsdk:"account_id"`
	EntryID   types.String `tfsdk:"impersonation_registry_id"`
	Filter    *filter      `tfsdk:"filter"`
	fields
}

func (d *entryData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_email_security_impersonation_registry"
}

func (d *entryData) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*cloudflare.Client)
}

func (d *entryData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := entryAttributes()
	attributes["account_id"] = schema.StringAttribute{Required: true}
	attributes["impersonation_registry_id"] = schema.StringAttribute{Optional: true}
	attributes["filter"] = schema.SingleNestedAttribute{Optional: true, Attributes: filterAttributes()}
	resp.Schema = schema.Schema{Attributes: attributes}
}

func (d *entryData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("impersonation_registry_id"), path.MatchRoot("filter")),
	}
}

func (d *entryData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model entryDataModel
	if failed(&resp.Diagnostics, req.Config.Get(ctx, &model)) {
		return
	}
	if broken(&resp.Diagnostics, d.find(ctx, &model)) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func (d *entryData) find(ctx context.Context, model *entryDataModel) error {
	registry := d.client.EmailSecurity.Settings.ImpersonationRegistry
	if model.Filter == nil {
		source := entryResource{client: d.client}
		answer, err := source.fetch(ctx, model.AccountID.ValueString(), model.EntryID.ValueString())
		if err != nil {
			return err
		}
		var entry onWire
		if err := readResult(answer, &entry); err != nil {
			return err
		}
		return model.fromWire(entry)
	}
	page, err := registry.List(ctx, model.Filter.params(model.AccountID))
	if err != nil {
		return err
	}
	found, err := listed(page.JSON.RawJSON())
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("failed to find exactly one result: %d found", len(found))
	}
	model.fields = found[0]
	return nil
}

// entriesData is all entries that a filter finds, page after page.
type entriesData struct{ client *cloudflare.Client }

type entriesDataModel struct {
	AccountID types.String `tfsdk:"account_id"`
	MaxItems  types.Int64  `tfsdk:"max_items"`
	Result    []fields     `tfsdk:"result"`
	filter
}

func (d *entriesData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_email_security_impersonation_registries"
}

func (d *entriesData) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*cloudflare.Client)
}

func (d *entriesData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := filterAttributes()
	attributes["account_id"] = schema.StringAttribute{Required: true}
	attributes["max_items"] = schema.Int64Attribute{Optional: true}
	attributes["result"] = schema.ListNestedAttribute{
		Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: entryAttributes()},
	}
	resp.Schema = schema.Schema{Attributes: attributes}
}

func (d *entriesData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model entriesDataModel
	if failed(&resp.Diagnostics, req.Config.Get(ctx, &model)) {
		return
	}
	most := int(model.MaxItems.ValueInt64())
	if most <= 0 {
		most = 1000
	}
	model.Result = []fields{}
	page, err := d.client.EmailSecurity.Settings.ImpersonationRegistry.List(ctx, model.params(model.AccountID))
	for err == nil && page != nil && len(page.Result) > 0 && len(model.Result) < most {
		var found []fields
		if found, err = listed(page.JSON.RawJSON()); err == nil {
			model.Result = append(model.Result, found...)
			page, err = page.GetNextPage()
		}
	}
	if broken(&resp.Diagnostics, err) {
		return
	}
	model.Result = model.Result[:min(len(model.Result), most)]
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
