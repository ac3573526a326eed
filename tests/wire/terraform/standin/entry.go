package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// fields are an entry as Terraform holds it, without the account.
type fields struct {
	ID                      types.String      `tfsdk:"id"`
	Email                   types.String      `tfsdk:"email"`
	IsEmailRegex            types.Bool        `tfsdk:"is_email_regex"`
	Name                    types.String      `tfsdk:"name"`
	Comments                types.String      `tfsdk:"comments"`
	DirectoryID             types.Int64       `tfsdk:"directory_id"`
	DirectoryNodeID         types.Int64       `tfsdk:"directory_node_id"`
	ExternalDirectoryNodeID types.String      `tfsdk:"external_directory_node_id"`
	Provenance              types.String      `tfsdk:"provenance"`
	CreatedAt               timetypes.RFC3339 `tfsdk:"created_at"`
	LastModified            timetypes.RFC3339 `tfsdk:"last_modified"`
	ModifiedAt              timetypes.RFC3339 `tfsdk:"modified_at"`
}

// onWire is an entry as the server sends it: whatever is absent or null is nil.
type onWire struct {
	ID                      *string `json:"id"`
	Email                   *string `json:"email"`
	IsEmailRegex            *bool   `json:"is_email_regex"`
	Name                    *string `json:"name"`
	Comments                *string `json:"comments"`
	DirectoryID             *int64  `json:"directory_id"`
	DirectoryNodeID         *int64  `json:"directory_node_id"`
	ExternalDirectoryNodeID *string `json:"external_directory_node_id"`
	Provenance              *string `json:"provenance"`
	CreatedAt               *string `json:"created_at"`
	LastModified            *string `json:"last_modified"`
	ModifiedAt              *string `json:"modified_at"`
}

// writable are the attributes that go to the server, by their names there.
func (f fields) writable() map[string]attr.Value {
	return map[string]attr.Value{
		"email": f.Email, "is_email_regex": f.IsEmailRegex, "name": f.Name, "comments": f.Comments,
		"directory_id": f.DirectoryID, "directory_node_id": f.DirectoryNodeID,
		"external_directory_node_id": f.ExternalDirectoryNodeID, "provenance": f.Provenance,
	}
}

// toCreate is the body of a POST: what is set, nothing else.
func (f fields) toCreate() ([]byte, error) {
	body := map[string]any{}
	for name, value := range f.writable() {
		if !value.IsNull() && !value.IsUnknown() {
			body[name] = plain(value)
		}
	}
	return json.Marshal(body)
}

// toUpdate is the body of a PATCH. An attribute that the state has and the
// plan lacks is a null. The others are sent if they changed, or all of them if
// everyAttribute: releases of the official provider differ here.
func (f fields) toUpdate(state fields, everyAttribute bool) ([]byte, error) {
	body, before := map[string]any{}, state.writable()
	for name, value := range f.writable() {
		switch {
		case value.IsUnknown() || value.IsNull() && before[name].IsNull():
		case value.IsNull():
			body[name] = nil
		case everyAttribute || !value.Equal(before[name]):
			body[name] = plain(value)
		}
	}
	return json.Marshal(body)
}

func plain(value attr.Value) any {
	switch value := value.(type) {
	case types.String:
		return value.ValueString()
	case types.Bool:
		return value.ValueBool()
	case types.Int64:
		return value.ValueInt64()
	}
	panic(fmt.Sprintf("no plain value for %T", value))
}

// fromWire takes every attribute from the answer.
func (f *fields) fromWire(entry onWire) error {
	f.Email = types.StringPointerValue(entry.Email)
	f.IsEmailRegex = types.BoolPointerValue(entry.IsEmailRegex)
	f.Name = types.StringPointerValue(entry.Name)
	f.Comments = types.StringPointerValue(entry.Comments)
	f.DirectoryID = types.Int64PointerValue(entry.DirectoryID)
	f.DirectoryNodeID = types.Int64PointerValue(entry.DirectoryNodeID)
	f.ExternalDirectoryNodeID = types.StringPointerValue(entry.ExternalDirectoryNodeID)
	f.Provenance = types.StringPointerValue(entry.Provenance)
	return f.computedFromWire(entry)
}

// computedFromWire takes from the answer only what Terraform left to the server.
func (f *fields) computedFromWire(entry onWire) error {
	f.ID = types.StringPointerValue(entry.ID)
	for at, value := range map[*timetypes.RFC3339]*string{
		&f.CreatedAt: entry.CreatedAt, &f.LastModified: entry.LastModified, &f.ModifiedAt: entry.ModifiedAt,
	} {
		read, faults := timetypes.NewRFC3339PointerValue(value)
		if faults.HasError() {
			return fmt.Errorf("%s: %s", faults[0].Summary(), faults[0].Detail())
		}
		*at = read
	}
	return nil
}

// readResult decodes the result of an answer that the client has not read.
func readResult(answer *http.Response, result any) error {
	defer answer.Body.Close()
	envelope := struct {
		Result any `json:"result"`
	}{result}
	return json.NewDecoder(answer.Body).Decode(&envelope)
}
