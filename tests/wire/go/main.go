// Drives a running sosie with Cloudflare's own Go client, as the reference
// page "Create impersonation registry entry" (Go) does, and then further:
// paging in every order, get, edit, delete, and the errors a client meets.
//
//	cd tests/wire/go && go run .
//
// Reads SOSIE_BASE_URL (http://127.0.0.1:8787/client/v4), SOSIE_ACCOUNT_ID and
// SOSIE_TOKEN; makes 147 requests. Standard output: the created id, then one line of JSON. Standard
// error: every check that failed. Exit status: 0 if none did, 1 otherwise.
//
// Entries that other people keep in the account are left alone and are no
// error; this program removes what it created, also after a failure.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/email_security"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

const (
	sdk = "github.com/cloudflare/cloudflare-go/v7"
	// Two full pages of 20 and a part of a third: the pager must stop by itself.
	entries = 47
	perPage = 20
	// Well formed, but issued by nobody.
	wrongToken = "sosie_0000000000000000000000000000000000000000"
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

type (
	newParams  = email_security.SettingImpersonationRegistryNewParams
	listParams = email_security.SettingImpersonationRegistryListParams
	entry      = email_security.SettingImpersonationRegistryListResponse
)

// wire is one run against one server: the client, what it made, what it saw.
type wire struct {
	ctx      context.Context
	client   *cloudflare.Client
	registry *email_security.SettingImpersonationRegistryService
	account  string
	tag      string // in every name, so that a search finds this run's entries only
	ids      []string
	requests int
	checks   int
	failed   int
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	w, err := newWire(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	seed := w.createAsTheSeedDoes()
	if seed != "" {
		w.createTheRest()
		w.listInEveryOrder()
		w.listFiltered()
		w.getAndEdit()
		w.listRecorded()
		w.meetErrors()
	}
	w.deleteAll()
	if seed != "" {
		w.meetNotFound(seed)
	}
	w.report(seed)
	if w.failed > 0 {
		os.Exit(1)
	}
}

func newWire(ctx context.Context) (*wire, error) {
	var missing []string
	setting := func(name string) string {
		value := os.Getenv(name)
		if value == "" {
			missing = append(missing, name)
		}
		return value
	}
	base, account, token := setting("SOSIE_BASE_URL"), setting("SOSIE_ACCOUNT_ID"), setting("SOSIE_TOKEN")
	if len(missing) > 0 {
		return nil, fmt.Errorf("not set: %s", strings.Join(missing, ", "))
	}
	// NewClient reads these too; a run must not depend on the caller's shell.
	for _, name := range []string{"API_TOKEN", "API_KEY", "EMAIL", "API_USER_SERVICE_KEY", "BASE_URL", "CUSTOM_HEADERS"} {
		os.Unsetenv("CLOUDFLARE_" + name)
	}
	w := &wire{ctx: ctx, account: account, tag: fmt.Sprintf("wire-%d", time.Now().UnixNano())}
	w.client = cloudflare.NewClient(
		option.WithBaseURL(base),
		option.WithAPIToken(token),
		// A retry would hide a failure: 409, 429 and 5xx must not happen at all.
		option.WithMaxRetries(0),
		option.WithMiddleware(func(request *http.Request, next option.MiddlewareNext) (*http.Response, error) {
			w.requests++
			return next(request)
		}),
	)
	w.registry = w.client.EmailSecurity.Settings.ImpersonationRegistry
	return w, nil
}

// check counts one check and says which one failed.
func (w *wire) check(ok bool, format string, args ...any) bool {
	w.checks++
	if !ok {
		w.failed++
		fmt.Fprintf(os.Stderr, "FAILED: "+format+"\n", args...)
	}
	return ok
}

func (w *wire) createAsTheSeedDoes() string {
	created, err := w.registry.New(w.ctx, newParams{
		AccountID:    cloudflare.F(w.account),
		Email:        cloudflare.F("john.doe@example.com"),
		IsEmailRegex: cloudflare.F(false),
		Name:         cloudflare.F("John Doe"),
	})
	if !w.check(err == nil, "create as the seed page does: %v", err) {
		return ""
	}
	fmt.Printf("%+v\n", created.ID)
	w.ids = append(w.ids, created.ID)
	w.check(uuid.MatchString(created.ID), "the id is not a uuid: %q", created.ID)
	w.check(created.Email == "john.doe@example.com" && created.Name == "John Doe" && !created.IsEmailRegex,
		"create does not return what was sent: %s", created.JSON.RawJSON())
	w.check(created.Provenance.IsKnown(), "provenance is none of the four: %q", created.Provenance)
	w.check(created.JSON.Comments.IsNull(), "comments was not sent, yet is not null: %s", created.JSON.RawJSON())
	for name, at := range map[string]time.Time{
		"created_at": created.CreatedAt, "modified_at": created.ModifiedAt, "last_modified": created.LastModified,
	} {
		w.check(time.Since(at).Abs() < time.Hour, "%s is not the time of now: %v", name, at)
	}
	return created.ID
}

// The last but one has every field, the last one is a pattern. Each tenth pair
// shares its name and address: duplicates are allowed.
func (w *wire) createTheRest() {
	for n := 1; n < entries; n++ {
		params := newParams{
			AccountID:    cloudflare.F(w.account),
			Email:        cloudflare.F(fmt.Sprintf("p%03d@%s.example", n-n%10/9, w.tag)),
			IsEmailRegex: cloudflare.F(false),
			Name:         cloudflare.F(fmt.Sprintf("%s person %03d", w.tag, n-n%10/9)),
		}
		switch n {
		case entries - 2:
			params.Comments = cloudflare.F("comments")
			params.DirectoryID = cloudflare.F(int64(9007199254740993)) // 2^53 + 1: no float on the way
			params.DirectoryNodeID = cloudflare.F(int64(0))
			params.ExternalDirectoryNodeID = cloudflare.F("external_directory_node_id")
			params.Provenance = cloudflare.F(email_security.SettingImpersonationRegistryNewParamsProvenanceA1SInternal)
		case entries - 1:
			params.Email = cloudflare.F(`^j\.?doe@(mail\.)?` + w.tag + `\.example$`)
			params.IsEmailRegex = cloudflare.F(true)
			params.Name = cloudflare.F(w.tag + " person 999 Žofie 王")
		}
		created, err := w.registry.New(w.ctx, params)
		if !w.check(err == nil, "create no. %d: %v", n+1, err) {
			return
		}
		w.ids = append(w.ids, created.ID)
		w.check(created.Name == params.Name.Value && created.Email == params.Email.Value &&
			created.IsEmailRegex == params.IsEmailRegex.Value, "create no. %d does not return what was sent: %s", n+1, created.JSON.RawJSON())
		if n == entries-2 {
			w.check(created.Comments == "comments" && created.DirectoryID == 9007199254740993 &&
				created.JSON.DirectoryNodeID.Raw() == "0" && created.ExternalDirectoryNodeID == "external_directory_node_id" &&
				created.Provenance == "A1S_INTERNAL", "an optional field does not return as sent: %s", created.JSON.RawJSON())
		}
	}
	distinct := slices.Clone(w.ids)
	slices.Sort(distinct)
	w.check(len(slices.Compact(distinct)) == len(w.ids), "two entries were given one id")
}

func (w *wire) listInEveryOrder() {
	keys := map[string]func(entry) string{
		"":           func(e entry) string { return "" },
		"name":       func(e entry) string { return e.Name },
		"email":      func(e entry) string { return e.Email },
		"created_at": func(e entry) string { return e.CreatedAt.UTC().Format("2006-01-02T15:04:05.000000000Z") },
	}
	for _, order := range []string{"", "name", "email", "created_at"} {
		inOrder := map[string][]string{}
		for _, direction := range []string{"asc", "desc"} {
			params := listParams{
				AccountID: cloudflare.F(w.account), PerPage: cloudflare.F(int64(perPage)),
				Direction: cloudflare.F(email_security.SettingImpersonationRegistryListParamsDirection(direction)),
			}
			if order != "" {
				params.Order = cloudflare.F(email_security.SettingImpersonationRegistryListParamsOrder(order))
			}
			for _, e := range w.everyPage("order="+order+" direction="+direction, params) {
				if strings.HasPrefix(e.Name, w.tag) && !e.IsEmailRegex {
					inOrder[direction] = append(inOrder[direction], keys[order](e))
				}
			}
		}
		w.check(slices.IsSorted(inOrder["asc"]), "order=%s direction=asc is not ascending: %q", order, inOrder["asc"])
		slices.Reverse(inOrder["desc"])
		w.check(slices.Equal(inOrder["asc"], inOrder["desc"]), "order=%s: desc is not asc the other way round", order)
	}
	page, err := w.registry.List(w.ctx, listParams{AccountID: cloudflare.F(w.account), PerPage: cloudflare.F(int64(perPage))})
	if w.check(err == nil, "list: %v", err) {
		w.check(len(page.Result) == perPage, "per_page=%d returns %d entries", perPage, len(page.Result))
		w.check(page.ResultInfo.Page == 1 && page.ResultInfo.PerPage == perPage, "result_info: %s", page.JSON.ResultInfo.Raw())
	}
}

// everyPage follows the pager to its end: each id we made once, no id twice.
func (w *wire) everyPage(what string, params listParams) (all []entry) {
	times := map[string]int{}
	pager := w.registry.ListAutoPaging(w.ctx, params)
	for pager.Next() {
		e := pager.Current()
		all = append(all, e)
		times[e.ID]++
	}
	if !w.check(pager.Err() == nil, "list %s: %v", what, pager.Err()) {
		return all
	}
	var absent, repeated []string
	for _, id := range w.ids {
		if times[id] == 0 {
			absent = append(absent, id)
		}
	}
	for id, n := range times {
		if n > 1 {
			repeated = append(repeated, id)
		}
	}
	w.check(len(absent) == 0, "list %s lacks %d of %d created entries: %v", what, len(absent), len(w.ids), absent)
	w.check(len(repeated) == 0, "list %s gives these more than once: %v", what, repeated)
	return all
}

func (w *wire) listFiltered() {
	count := func(params listParams) (found []entry) {
		params.AccountID = cloudflare.F(w.account)
		pager := w.registry.ListAutoPaging(w.ctx, params)
		for pager.Next() {
			found = append(found, pager.Current())
		}
		w.check(pager.Err() == nil, "list with a filter: %v", pager.Err())
		return found
	}
	address := fmt.Sprintf("p%03d@%s.example", entries-2, w.tag)
	found := count(listParams{Search: cloudflare.F(address)})
	w.check(len(found) == 1 && found[0].Email == address, "search=%s finds %d entries, not that one", address, len(found))
	found = count(listParams{Search: cloudflare.F(w.tag), PerPage: cloudflare.F(int64(perPage))})
	w.check(len(found) == len(w.ids)-1, "search=%s finds %d entries of %d", w.tag, len(found), len(w.ids)-1)
	google := email_security.SettingImpersonationRegistryListParamsProvenanceSnoopyGoogleDirectory
	for _, e := range count(listParams{Provenance: cloudflare.F(google)}) {
		w.check(!slices.Contains(w.ids, e.ID), "provenance=%s finds %s, which has %q", google, e.ID, e.Provenance)
	}
}

// listRecorded reads the messages whose ids, the newest first, SOSIE_RECORDS
// holds; without it there are none to be read.
func (w *wire) listRecorded() {
	recorded := os.Getenv("SOSIE_RECORDS")
	if recorded == "" {
		return
	}
	ids := strings.Split(recorded, ",")
	messages := w.client.EmailSecurity.Investigate
	pager := messages.ListAutoPaging(w.ctx, email_security.InvestigateListParams{
		AccountID: cloudflare.F(w.account), PerPage: cloudflare.F(int64(perPage)),
	})
	var found []string
	for pager.Next() {
		found = append(found, pager.Current().ID)
	}
	w.check(pager.Err() == nil && slices.Equal(found, ids), "recorded messages: %v, found %d of %d", pager.Err(), len(found), len(ids))
	one, err := messages.Get(w.ctx, ids[0], email_security.InvestigateGetParams{AccountID: cloudflare.F(w.account)})
	if w.check(err == nil, "the newest recorded message: %v", err) {
		w.check(one.ID == ids[0] && one.IsQuarantined && len(one.Findings) == 1, "the newest recorded message is %+v", one)
	}
}

func (w *wire) getAndEdit() {
	id, path := w.ids[1], email_security.SettingImpersonationRegistryGetParams{AccountID: cloudflare.F(w.account)}
	before, err := w.registry.Get(w.ctx, id, path)
	if !w.check(err == nil, "get: %v", err) {
		return
	}
	w.check(before.ID == id, "get returns another entry: %s", before.ID)
	edited, err := w.registry.Edit(w.ctx, id, email_security.SettingImpersonationRegistryEditParams{
		AccountID: cloudflare.F(w.account),
		Name:      cloudflare.F("Jane Roe"),
		Comments:  cloudflare.F("edited"),
	})
	if !w.check(err == nil, "edit: %v", err) {
		return
	}
	w.check(edited.ID == id && edited.Name == "Jane Roe" && edited.Comments == "edited", "edit does not return the change: %s", edited.JSON.RawJSON())
	w.check(edited.Email == before.Email && edited.IsEmailRegex == before.IsEmailRegex && edited.CreatedAt.Equal(before.CreatedAt),
		"edit changed more than it was told: %s", edited.JSON.RawJSON())
	w.check(!edited.ModifiedAt.Before(before.ModifiedAt), "edit did not move modified_at forward: %v, %v", before.ModifiedAt, edited.ModifiedAt)
	after, err := w.registry.Get(w.ctx, id, path)
	if w.check(err == nil, "get after edit: %v", err) {
		w.check(after.JSON.RawJSON() == edited.JSON.RawJSON(), "get after edit differs from what edit returned: %s, %s",
			after.JSON.RawJSON(), edited.JSON.RawJSON())
	}
	null := cloudflare.Null[string]()
	cleared, err := w.registry.Edit(w.ctx, id, email_security.SettingImpersonationRegistryEditParams{
		AccountID: cloudflare.F(w.account), Comments: null,
	})
	if w.check(err == nil, "edit with a null: %v", err) {
		w.check(cleared.JSON.Comments.IsNull() && cleared.Name == "Jane Roe", "a null did not clear comments: %s", cleared.JSON.RawJSON())
	}
}

// meetErrors asks for what must be refused, and once for what must not.
func (w *wire) meetErrors() {
	list := func(opts ...option.RequestOption) error {
		_, err := w.registry.List(w.ctx, listParams{AccountID: cloudflare.F(w.account)}, opts...)
		return err
	}
	w.expect("a wrong token", http.StatusForbidden, list(option.WithAPIToken(wrongToken)))
	w.expect("no credentials", http.StatusBadRequest, list(option.WithHeaderDel("authorization")))
	// With CLOUDFLARE_EMAIL in the environment this client sends both headers.
	err := list(option.WithAPIEmail("user@example.com"))
	w.check(err == nil, "token and X-Auth-Email together: %v", err)
	w.expect("per_page=1001", http.StatusBadRequest, list(option.WithQuery("per_page", "1001")))
	_, err = w.registry.New(w.ctx, newParams{AccountID: cloudflare.F(w.account), Email: cloudflare.F("a@b.example"), Name: cloudflare.F("A B")})
	if refused := w.expect("create without is_email_regex", http.StatusBadRequest, err); refused != nil {
		pointer := refused.Errors[0].Source.Pointer
		w.check(pointer == "/is_email_regex", "the error names the pointer %q, not /is_email_regex", pointer)
	}
	_, err = w.registry.Get(w.ctx, "f174e90a-fafe-4643-bbbc-4a0ed4fc8416", email_security.SettingImpersonationRegistryGetParams{AccountID: cloudflare.F(w.account)})
	w.expect("get of an unknown id", http.StatusNotFound, err)
}

// expect wants the client's own error type, that status, and a code of the API.
func (w *wire) expect(what string, status int, err error) *cloudflare.Error {
	var refused *cloudflare.Error
	if !w.check(errors.As(err, &refused), "%s: not a *cloudflare.Error but %v", what, err) {
		return nil
	}
	w.check(refused.StatusCode == status, "%s: status %d, not %d: %v", what, refused.StatusCode, status, refused)
	if !w.check(len(refused.Errors) > 0 && refused.Errors[0].Code >= 1000 && refused.Errors[0].Message != "",
		"%s: no error with a code of at least 1000 and a message: %s", what, refused.JSON.RawJSON()) {
		return nil
	}
	return refused
}

func (w *wire) deleteAll() {
	for _, id := range w.ids {
		deleted, err := w.registry.Delete(w.ctx, id, email_security.SettingImpersonationRegistryDeleteParams{AccountID: cloudflare.F(w.account)})
		if w.check(err == nil, "delete %s: %v", id, err) {
			w.check(deleted.ID == id, "delete of %s returns the id %q", id, deleted.ID)
		}
	}
}

func (w *wire) meetNotFound(id string) {
	_, err := w.registry.Get(w.ctx, id, email_security.SettingImpersonationRegistryGetParams{AccountID: cloudflare.F(w.account)})
	w.expect("get after delete", http.StatusNotFound, err)
	_, err = w.registry.Delete(w.ctx, id, email_security.SettingImpersonationRegistryDeleteParams{AccountID: cloudflare.F(w.account)})
	w.expect("a second delete", http.StatusNotFound, err)
	pager := w.registry.ListAutoPaging(w.ctx, listParams{AccountID: cloudflare.F(w.account), PerPage: cloudflare.F(int64(perPage))})
	for pager.Next() {
		w.check(!slices.Contains(w.ids, pager.Current().ID), "list still has the deleted %s", pager.Current().ID)
	}
	w.check(pager.Err() == nil, "list after delete: %v", pager.Err())
}

func (w *wire) report(seed string) {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == sdk {
				version = module.Version
			}
		}
	}
	line, _ := json.Marshal(map[string]any{
		"client": sdk, "version": version, "id": seed, "created": len(w.ids),
		"requests": w.requests, "checks": w.checks, "failed": w.failed,
	})
	fmt.Println(string(line))
}
