package mock_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// idsOf returns the ids of a list's records.
func idsOf(list map[string]any, at string) []string {
	var out []string
	rows, _ := list[at].([]any)
	for _, row := range rows {
		out = append(out, fmt.Sprint(row.(map[string]any)["id"]))
	}
	return out
}

func TestPagesHoldEveryRecordOnce(t *testing.T) {
	a := crm(t, 1)
	for _, path := range []string{"/contacts", "/companies", "/deals?sort=amount", "/activities", "/contacts/con_8f2k91qx/notes"} {
		seen := map[string]bool{}
		cursor, pages := "", 0
		for {
			u, err := url.Parse(path)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			q.Set("limit", "7")
			if cursor != "" {
				q.Set("cursor", cursor)
			}
			u.RawQuery = q.Encode()
			list := a.do("GET", u.String(), "").want(t, 200)
			for _, id := range idsOf(list, "data") {
				if seen[id] {
					t.Fatalf("%s: %s came twice", path, id)
				}
				seen[id] = true
			}
			pages++
			next, _ := list["next_cursor"].(string)
			if next == "" {
				if total, ok := list["total"].(float64); ok && int(total) != len(seen) {
					t.Errorf("%s: total is %v, pages held %d", path, total, len(seen))
				}
				break
			}
			cursor = next
		}
		if pages < 4 || len(seen) < 25 {
			t.Errorf("%s: %d records on %d pages, too few to be worth paging", path, len(seen), pages)
		}
	}
}

func TestAPageFollowsItsRecordWhenOthersAreDeleted(t *testing.T) {
	a := crm(t, 1)
	first := a.do("GET", "/deals?limit=5&sort=created_at", "").want(t, 200)
	whole := idsOf(a.do("GET", "/deals?limit=10&sort=created_at", "").want(t, 200), "data")
	for _, id := range whole[:2] {
		if r := a.do("DELETE", "/deals/"+id, ""); r.status != 204 {
			t.Fatal(r)
		}
	}
	second := a.do("GET", "/deals?limit=5&sort=created_at&cursor="+first["next_cursor"].(string), "").want(t, 200)
	if got := idsOf(second, "data"); !slices.Equal(got, whole[5:10]) {
		t.Errorf("after the first page came %v, want %v", got, whole[5:10])
	}
}

func TestFilters(t *testing.T) {
	a := crm(t, 1)
	cases := []struct {
		target string
		keep   func(map[string]any) bool
	}{
		{"/contacts?filter[status]=customer", func(r map[string]any) bool { return r["status"] == "customer" }},
		{"/contacts?tags=vip&tags=press", func(r map[string]any) bool {
			return strings.Contains(fmt.Sprint(r["tags"]), "vip") || strings.Contains(fmt.Sprint(r["tags"]), "press")
		}},
		{"/contacts?filter[created_after]=2025-12-01T00:00:00Z", func(r map[string]any) bool { return r["created_at"].(string) >= "2025-12-01" }},
		{"/deals?filter[min_amount]=1000000&filter[max_amount]=2000000", func(r map[string]any) bool {
			return r["amount"].(float64) >= 1000000 && r["amount"].(float64) <= 2000000
		}},
		{"/companies?industry=logistics&industry=retail", func(r map[string]any) bool { return r["industry"] == "logistics" || r["industry"] == "retail" }},
		{"/companies?min_employees=300", func(r map[string]any) bool { n, ok := r["employees"].(float64); return ok && n >= 300 }},
		{"/companies?q=northwind", func(r map[string]any) bool { return strings.Contains(strings.ToLower(fmt.Sprint(r)), "northwind") }},
		{"/activities?type=call,meeting", func(r map[string]any) bool { return r["type"] == "call" || r["type"] == "meeting" }},
	}
	for _, c := range cases {
		path, _, _ := strings.Cut(c.target, "?")
		total := a.do("GET", path+"?limit=1", "").want(t, 200)["total"].(float64)
		list := a.do("GET", c.target+"&limit=100", "").want(t, 200)
		rows := list["data"].([]any)
		if len(rows) == 0 || list["total"].(float64) >= total {
			t.Errorf("%s: kept %d of %v", c.target, len(rows), total)
		}
		for _, row := range rows {
			if !c.keep(row.(map[string]any)) {
				t.Errorf("%s: kept %v", c.target, row)
			}
		}
	}
}

func TestSortAndFields(t *testing.T) {
	a := crm(t, 1)
	rows := a.do("GET", "/deals?sort=-amount&limit=50", "").want(t, 200)["data"].([]any)
	amounts := make([]float64, len(rows))
	for i, row := range rows {
		amounts[i] = row.(map[string]any)["amount"].(float64)
	}
	if !slices.IsSortedFunc(amounts, func(a, b float64) int { return int(b - a) }) {
		t.Errorf("not sorted downwards: %v", amounts)
	}
	row := a.do("GET", "/contacts?fields=first_name,email&limit=1", "").want(t, 200)["data"].([]any)[0].(map[string]any)
	if len(row) != 3 || row["id"] == nil || row["email"] == nil || row["first_name"] == nil {
		t.Errorf("fields gave %v", row)
	}
}

func TestNotesBelongToTheirContact(t *testing.T) {
	a := crm(t, 1)
	created := a.do("POST", "/contacts/con_8f2k91qx/notes", `{"body":"Called back."}`, "Content-Type", jsonType)
	note := created.want(t, 201)
	if replies, ok := note["replies"].([]any); !ok || len(replies) != 0 {
		t.Errorf("a new note has the replies %v", note["replies"])
	}
	if note["contact_id"] != "con_8f2k91qx" || created.header.Get("Location") != fmt.Sprintf("/contacts/con_8f2k91qx/notes/%v", note["id"]) {
		t.Errorf("created %v at %s", note, created.header.Get("Location"))
	}
	listed := idsOf(a.do("GET", "/contacts/con_8f2k91qx/notes?limit=100", "").want(t, 200), "data")
	if !slices.Contains(listed, fmt.Sprint(note["id"])) {
		t.Error("the note is not listed")
	}
	others := idsOf(a.do("GET", "/contacts?limit=2", "").want(t, 200), "data")
	if slices.Contains(idsOf(a.do("GET", "/contacts/"+others[0]+"/notes?limit=100", "").want(t, 200), "data"), fmt.Sprint(note["id"])) {
		t.Error("the note is listed for another contact too")
	}
	a.do("GET", "/contacts/con_gone/notes", "").want(t, 404)
	a.do("POST", "/contacts/con_gone/notes", `{"body":"x"}`, "Content-Type", jsonType).want(t, 404)
	if r := a.do("DELETE", created.header.Get("Location"), ""); r.status != 204 {
		t.Errorf("delete: %+v", r)
	}
	a.do("DELETE", created.header.Get("Location"), "").want(t, 404)
}

func TestMergePatchInDepth(t *testing.T) {
	a := crm(t, 1)
	got := a.do("PATCH", "/contacts/con_8f2k91qx", `{"address":{"city":"Lund"},"title":null,"tags":["press"]}`, "Content-Type", "application/merge-patch+json").want(t, 200)
	address := got["address"].(map[string]any)
	if _, ok := got["title"]; ok || address["city"] != "Lund" || address["country"] != "SE" {
		t.Errorf("patched %v", got)
	}
	if tags := got["tags"].([]any); len(tags) != 1 || tags[0] != "press" {
		t.Errorf("tags are %v", got["tags"])
	}
}

func TestActionsChangeTheirRecord(t *testing.T) {
	a := crm(t, 1)
	moved := a.do("POST", "/deals/dea_4p6s12nb/move", `{"stage":"won","reason":"Signed."}`, "Content-Type", jsonType).want(t, 200)
	if moved["stage"] != "won" || moved["reason"] != nil {
		t.Errorf("moved %v", moved)
	}
	if got := a.do("GET", "/deals/dea_4p6s12nb", "").want(t, 200); got["stage"] != "won" {
		t.Errorf("the deal is in %v", got["stage"])
	}
	a.do("POST", "/deals/dea_nope/move", `{"stage":"won"}`, "Content-Type", jsonType).want(t, 404)
}

func TestUnionsKeepTheirBranch(t *testing.T) {
	a := crm(t, 1)
	got := a.do("POST", "/activities", `{"type":"task","title":"Send the quote"}`, "Content-Type", jsonType).want(t, 201)
	if got["priority"] != "normal" || got["done"] != false || got["direction"] != nil {
		t.Errorf("created %v", got)
	}
	a.do("POST", "/activities", `{"type":"dance"}`, "Content-Type", jsonType).want(t, 422)
}

func TestIdempotencyKey(t *testing.T) {
	a := crm(t, 1)
	body := `{"name":"Harbor Foods"}`
	first := a.do("POST", "/companies", body, "Content-Type", jsonType, "Idempotency-Key", "k1").want(t, 201)
	again := a.do("POST", "/companies", body, "Content-Type", jsonType, "Idempotency-Key", "k1").want(t, 201)
	other := a.do("POST", "/companies", body, "Content-Type", jsonType, "Idempotency-Key", "k2").want(t, 201)
	if first["id"] != again["id"] || first["id"] == other["id"] {
		t.Errorf("ids %v, %v, %v", first["id"], again["id"], other["id"])
	}
}

func TestUploadAndDownload(t *testing.T) {
	a := crm(t, 1)
	content := "\x00\x01 not text \xff"
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range map[string]string{"description": "A scan", "contact_id": "con_8f2k91qx"} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, label := range []string{"contract", "2026"} {
		if err := w.WriteField("labels", label); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="content"; filename="../scan.png"`}, "Content-Type": {"image/png"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := a.do("POST", "/files", body.String(), "Content-Type", w.FormDataContentType()).want(t, 201)
	if file["name"] != "scan.png" || file["media_type"] != "image/png" || file["size"] != float64(len(content)) ||
		fmt.Sprint(file["labels"]) != "[contract 2026]" || file["content"] != nil {
		t.Errorf("record %v", file)
	}
	r := a.do("GET", fmt.Sprintf("/files/%v/content", file["id"]), "")
	if r.body != content || r.header.Get("Content-Type") != "image/png" {
		t.Errorf("downloaded %q as %s", r.body, r.header.Get("Content-Type"))
	}
	seeded := a.do("GET", "/files/fil_0c7y48hu", "").want(t, 200)
	pdf := a.do("GET", "/files/fil_0c7y48hu/content", "")
	if !strings.HasPrefix(pdf.body, "%PDF-") || float64(len(pdf.body)) != seeded["size"] {
		t.Errorf("%d bytes, record says %v", len(pdf.body), seeded["size"])
	}
}

func TestLargeAnswersAndViews(t *testing.T) {
	a := crm(t, 1)
	export := a.do("GET", "/exports/contacts", "").want(t, 200)
	if n := len(export["data"].([]any)); n < 300 {
		t.Errorf("exported %d contacts", n)
	}
	if n := len(a.do("GET", "/contacts/con_8f2k91qx/timeline", "").want(t, 200)["entries"].([]any)); n < 300 {
		t.Errorf("the timeline has %d entries", n)
	}
	a.do("POST", "/contacts", `{"first_name":"Zed","last_name":"Last","email":"zed@last.example"}`, "Content-Type", jsonType).want(t, 201)
	csv := a.do("GET", "/exports/contacts", "", "Accept", "text/csv")
	lines := strings.Count(csv.body, "\n")
	if !strings.HasPrefix(csv.body, "id,") || !strings.Contains(csv.body, "zed@last.example") || lines != len(export["data"].([]any))+2 {
		t.Errorf("%d lines of CSV: %.200s", lines, csv.body)
	}
	if r := a.do("GET", "/contact-lookup?email=zed%40last.example", ""); r.status != 200 || strings.Count(r.body, `"id"`) != 1 {
		t.Errorf("lookup: %s", r.body)
	}
	narrowed := a.do("GET", "/contacts/con_8f2k91qx/timeline?types=deal_moved%7Cnote_added", "").want(t, 200)["entries"].([]any)
	for _, entry := range narrowed {
		if typ := entry.(map[string]any)["type"]; typ != "deal_moved" && typ != "note_added" {
			t.Errorf("entry of type %v", typ)
		}
	}
}

func TestSearch(t *testing.T) {
	a := crm(t, 1)
	hits := a.do("GET", "/search?q=lindqvist+northwind", "").want(t, 200)["results"].([]any)
	if len(hits) == 0 || hits[0].(map[string]any)["id"] != "con_8f2k91qx" || hits[0].(map[string]any)["type"] != "contact" {
		t.Fatalf("hits %v", hits)
	}
	for _, hit := range a.do("GET", "/search?q=northwind&types=company", "").want(t, 200)["results"].([]any) {
		if hit.(map[string]any)["type"] != "company" {
			t.Errorf("hit %v", hit)
		}
	}
	if r := a.do("GET", "/search?q=nothinglikethis", "").want(t, 200); len(r["results"].([]any)) != 0 {
		t.Errorf("found %v", r)
	}
}

// transcript runs one sequence of requests and returns all that was answered.
func transcript(a *api) string {
	var b strings.Builder
	for _, step := range [][]string{
		{"GET", "/contacts?limit=5", ""}, {"POST", "/companies", `{"name":"Argon Labs"}`}, {"GET", "/companies?limit=100", ""},
		{"GET", "/deals", ""}, {"POST", "/contacts/con_8f2k91qx/notes", `{"body":"x"}`}, {"GET", "/contacts/con_8f2k91qx/notes", ""},
		{"DELETE", "/deals/dea_4p6s12nb", ""}, {"GET", "/search?q=a", ""}, {"GET", "/companies/com_3h8v20aj/hierarchy", ""}, {"GET", "/activities", ""},
	} {
		r := a.do(step[0], step[1], step[2], "Content-Type", jsonType)
		fmt.Fprintln(&b, r.status, r.header, r.body)
	}
	return b.String()
}

func TestSameSeedSameBytes(t *testing.T) {
	one, two, other := transcript(crm(t, 7)), transcript(crm(t, 7)), transcript(crm(t, 8))
	if one != two {
		t.Error("the same seed gave other bytes")
	}
	if one == other {
		t.Error("another seed gave the same bytes")
	}
	// What was asked before must not change what the world began with.
	a := crm(t, 7)
	a.do("GET", "/activities", "")
	a.do("GET", "/search?q=x", "")
	if transcript(a) != one {
		t.Error("reading first changed what came after")
	}
}

func TestConcurrentUse(t *testing.T) {
	a := crm(t, 1)
	before := a.do("GET", "/companies?limit=1", "").want(t, 200)["total"].(float64)
	const workers, each = 8, 10
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				r := a.do("POST", "/companies", fmt.Sprintf(`{"name":"W%d-%d"}`, w, i), "Content-Type", jsonType)
				if r.status != 201 {
					t.Errorf("create: %s", r.body)
					continue
				}
				a.do("PATCH", r.header.Get("Location"), `{"employees":5}`, "Content-Type", "application/merge-patch+json")
				a.do("GET", "/companies?q=W&limit=3", "")
				a.do("GET", "/search?q=W", "")
			}
		})
	}
	wg.Wait()
	if after := a.do("GET", "/companies?limit=1", "").want(t, 200)["total"].(float64); after != before+workers*each {
		t.Errorf("%v companies became %v", before, after)
	}
}

// TestAnswersFitTheirSchemas holds the CRM's answers to its own document.
func TestAnswersFitTheirSchemas(t *testing.T) {
	doc := load(t, "crm.yaml")
	a := serve(t, doc, 3, "Authorization", "Bearer any", "X-Admin-Key", "any")
	targets := map[string]string{"/search": "?q=a", "/contact-lookup": "?email=ada.lindqvist@northwind.example"}
	ids := strings.NewReplacer("{contact_id}", "con_8f2k91qx", "{company_id}", "com_3h8v20aj", "{deal_id}", "dea_4p6s12nb",
		"{activity_id}", "act_9d3f70kz", "{file_id}", "fil_0c7y48hu", "{pipeline_id}", "pip_1a2b3c4d")
	for _, tl := range doc.Tools {
		op := tl.Operation
		i := slices.IndexFunc(doc.Responses[tl.Name], func(r openapi.Response) bool { return r.Status == "200" && r.MediaType == jsonType })
		if op.Method != "GET" || i < 0 {
			continue
		}
		r := a.do("GET", ids.Replace(op.Path)+targets[op.Path], "")
		r.want(t, 200)
		var schema jsonschema.Schema
		if err := json.Unmarshal(doc.Responses[tl.Name][i].Schema, &schema); err != nil {
			t.Fatal(err)
		}
		resolved, err := schema.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal([]byte(r.body), &v); err != nil {
			t.Fatal(err)
		}
		if err := resolved.Validate(v); err != nil {
			t.Errorf("%s: %.600s", tl.Name, err)
		}
	}
}
