package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/email_security"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var oneProvenance = []validator.String{stringvalidator.OneOfCaseInsensitive(
	"A1S_INTERNAL", "SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY",
)}

type entryResource struct {
	client         *cloudflare.Client
	everyAttribute bool
}

type entryModel struct {
	AccountID types.String `tfsdk:"account_id"`
	fields
}

func (r *entryResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_email_security_impersonation_registry"
}

func (r *entryResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.client, _ = req.ProviderData.(*cloudflare.Client)
}

func (r *entryResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	moment := schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":                         schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()}},
		"account_id":                 schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
		"email":                      schema.StringAttribute{Required: true},
		"is_email_regex":             schema.BoolAttribute{Required: true},
		"name":                       schema.StringAttribute{Required: true},
		"comments":                   schema.StringAttribute{Optional: true},
		"directory_id":               schema.Int64Attribute{Optional: true},
		"directory_node_id":          schema.Int64Attribute{Optional: true},
		"external_directory_node_id": schema.StringAttribute{Optional: true},
		"provenance":                 schema.StringAttribute{Optional: true, Validators: oneProvenance},
		"created_at":                 moment,
		"last_modified":              moment,
		"modified_at":                moment,
	}}
}

func (r *entryResource) registry() *email_security.SettingImpersonationRegistryService {
	return r.client.EmailSecurity.Settings.ImpersonationRegistry
}

func (r *entryResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan entryModel
	if failed(&resp.Diagnostics, req.Plan.Get(ctx, &plan)) {
		return
	}
	body, err := plan.toCreate()
	if err == nil {
		var answer *http.Response
		_, err = r.registry().New(ctx,
			email_security.SettingImpersonationRegistryNewParams{AccountID: cloudflare.F(plan.AccountID.ValueString())},
			option.WithRequestBody("application/json", body), option.WithResponseBodyInto(&answer))
		if err == nil {
			err = plan.takeComputed(answer)
		}
	}
	if !broken(&resp.Diagnostics, err) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

func (r *entryResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state entryModel
	if failed(&resp.Diagnostics, req.Plan.Get(ctx, &plan)) || failed(&resp.Diagnostics, req.State.Get(ctx, &state)) {
		return
	}
	body, err := plan.toUpdate(state.fields, r.everyAttribute)
	if err == nil {
		var answer *http.Response
		_, err = r.registry().Edit(ctx, plan.ID.ValueString(),
			email_security.SettingImpersonationRegistryEditParams{AccountID: cloudflare.F(plan.AccountID.ValueString())},
			option.WithRequestBody("application/json", body), option.WithResponseBodyInto(&answer))
		if err == nil {
			err = plan.takeComputed(answer)
		}
	}
	if !broken(&resp.Diagnostics, err) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

func (r *entryResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state entryModel
	if failed(&resp.Diagnostics, req.State.Get(ctx, &state)) {
		return
	}
	answer, err := r.fetch(ctx, state.AccountID.ValueString(), state.ID.ValueString())
	if answer != nil && answer.StatusCode == http.StatusNotFound {
		resp.Diagnostics.AddWarning("Resource not found", "The server does not have the entry any more; it will be created anew.")
		resp.State.RemoveResource(ctx)
		return
	}
	if err == nil {
		err = state.takeAll(answer)
	}
	if !broken(&resp.Diagnostics, err) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

func (r *entryResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state entryModel
	if failed(&resp.Diagnostics, req.State.Get(ctx, &state)) {
		return
	}
	_, err := r.registry().Delete(ctx, state.ID.ValueString(),
		email_security.SettingImpersonationRegistryDeleteParams{AccountID: cloudflare.F(state.AccountID.ValueString())})
	broken(&resp.Diagnostics, err)
}

func (r *entryResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	account, id, both := strings.Cut(req.ID, "/")
	if !both || account == "" || id == "" || strings.Contains(id, "/") {
		resp.Diagnostics.AddError("invalid import id", "expected <account_id>/<impersonation_registry_id>, not "+req.ID)
		return
	}
	state := entryModel{AccountID: types.StringValue(account)}
	answer, err := r.fetch(ctx, account, id)
	if err == nil {
		err = state.takeAll(answer)
	}
	if !broken(&resp.Diagnostics, err) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

// fetch returns the answer also when it is an error, if there was one.
func (r *entryResource) fetch(ctx context.Context, account, id string) (answer *http.Response, err error) {
	_, err = r.registry().Get(ctx, id,
		email_security.SettingImpersonationRegistryGetParams{AccountID: cloudflare.F(account)},
		option.WithResponseBodyInto(&answer))
	return answer, err
}

func (m *entryModel) takeAll(answer *http.Response) error {
	var entry onWire
	if err := readResult(answer, &entry); err != nil {
		return err
	}
	return m.fromWire(entry)
}

func (m *entryModel) takeComputed(answer *http.Response) error {
	var entry onWire
	if err := readResult(answer, &entry); err != nil {
		return err
	}
	return m.computedFromWire(entry)
}

func failed(all *diag.Diagnostics, some diag.Diagnostics) bool {
	all.Append(some...)
	return all.HasError()
}

func broken(all *diag.Diagnostics, err error) bool {
	if err != nil {
		all.AddError("the request failed", err.Error())
	}
	return err != nil
}
