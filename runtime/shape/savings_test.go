package shape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maker writes made-up payloads that have the shape of real APIs'.
type maker struct{ *rand.Rand }

func (m maker) of(list ...string) string { return list[m.IntN(len(list))] }

func (m maker) hex(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[m.IntN(16)]
	}
	return string(b)
}

func (m maker) words(n int) string {
	list := []string{"the", "build", "fails", "when", "a", "request", "has", "no", "header", "after", "upgrade", "to", "version", "two", "we", "see", "timeouts", "in", "production", "but", "not", "locally", "please", "advise", "thanks", "panic", "on", "startup"}
	out := make([]string, n)
	for i := range out {
		out[i] = list[m.IntN(len(list))]
	}
	return strings.Join(out, " ")
}

func (m maker) date() string {
	return fmt.Sprintf("2026-%02d-%02dT%02d:%02d:%02dZ", 1+m.IntN(12), 1+m.IntN(28), m.IntN(24), m.IntN(60), m.IntN(60))
}

func list0(n int, item func(i int) string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = item(i)
	}
	return "[" + strings.Join(items, ",") + "]"
}

func (m maker) githubUser() string {
	login := m.of("octocat", "hubot", "mona", "defunkt", "mojombo", "pjhyett") + m.hex(2)
	api := "https://api.github.com/users/" + login
	return fmt.Sprintf(`{"login":%q,"id":%d,"node_id":"MDQ6VXNlc%s","avatar_url":"https://avatars.githubusercontent.com/u/%d?v=4","gravatar_id":"","url":%q,"html_url":"https://github.com/%s","followers_url":%q,"repos_url":%q,"events_url":%q,"type":"User","site_admin":false}`,
		login, m.IntN(1e7), m.hex(8), m.IntN(1e7), api, login, api+"/followers", api+"/repos", api+"/events{/privacy}")
}

func (m maker) githubIssue(i int) string {
	repo := "https://api.github.com/repos/octo-org/octo-repo"
	labels := list0(m.IntN(3), func(int) string {
		name := m.of("bug", "enhancement", "question", "good first issue")
		return fmt.Sprintf(`{"id":%d,"node_id":"LA_%s","url":"%s/labels/%s","name":%q,"color":%q,"default":true,"description":null}`, m.IntN(1e9), m.hex(10), repo, name, name, m.hex(6))
	})
	n := 4000 - i
	return fmt.Sprintf(`{"url":"%[1]s/issues/%[2]d","repository_url":"%[1]s","labels_url":"%[1]s/issues/%[2]d/labels{/name}","comments_url":"%[1]s/issues/%[2]d/comments","events_url":"%[1]s/issues/%[2]d/events","html_url":"https://github.com/octo-org/octo-repo/issues/%[2]d","id":%[3]d,"node_id":"I_kwDO%[4]s","number":%[2]d,"title":%[5]q,"user":%[6]s,"labels":%[7]s,"state":"open","locked":false,"assignee":null,"assignees":[],"milestone":null,"comments":%[8]d,"created_at":%[9]q,"updated_at":%[10]q,"closed_at":null,"author_association":"CONTRIBUTOR","active_lock_reason":null,"body":%[11]q,"reactions":{"url":"%[1]s/issues/%[2]d/reactions","total_count":0,"+1":0,"-1":0,"laugh":0,"hooray":0,"confused":0,"heart":0,"rocket":0,"eyes":0},"timeline_url":"%[1]s/issues/%[2]d/timeline","performed_via_github_app":null,"state_reason":null}`,
		repo, n, m.IntN(1e9), m.hex(12), m.words(7), m.githubUser(), labels, m.IntN(9), m.date(), m.date(), m.words(20+m.IntN(60))+"\r\n\r\n```\r\n"+m.words(8)+"\r\n```")
}

func (m maker) githubEvent(int) string {
	kind := m.of("PushEvent", "WatchEvent", "IssueCommentEvent", "CreateEvent")
	payload := map[string]string{
		"PushEvent":         fmt.Sprintf(`{"repository_id":%d,"push_id":%d,"size":1,"distinct_size":1,"ref":"refs/heads/main","head":%q,"before":%q,"commits":[{"sha":%q,"author":{"email":"a@example.com","name":"A"},"message":%q,"distinct":true,"url":"https://api.github.com/repos/a/b/commits/%s"}]}`, m.IntN(1e8), m.IntN(1e9), m.hex(40), m.hex(40), m.hex(40), m.words(6), m.hex(40)),
		"WatchEvent":        `{"action":"started"}`,
		"IssueCommentEvent": fmt.Sprintf(`{"action":"created","issue":{"number":%d,"title":%q,"state":"open"},"comment":{"id":%d,"body":%q}}`, m.IntN(9000), m.words(5), m.IntN(1e9), m.words(30)),
		"CreateEvent":       `{"ref":"v1.2","ref_type":"tag","master_branch":"main","description":null,"pusher_type":"user"}`,
	}[kind]
	return fmt.Sprintf(`{"id":"%d","type":%q,"actor":{"id":%d,"login":"user%s","display_login":"user","gravatar_id":"","url":"https://api.github.com/users/user","avatar_url":"https://avatars.githubusercontent.com/u/%d?"},"repo":{"id":%d,"name":"org/%s","url":"https://api.github.com/repos/org/x"},"payload":%s,"public":true,"created_at":%q}`,
		m.IntN(1e10), kind, m.IntN(1e7), m.hex(3), m.IntN(1e7), m.IntN(1e8), m.hex(5), payload, m.date())
}

func (m maker) stripeCharge(int) string {
	id, amount := "ch_3"+m.hex(22), 500+m.IntN(90000)
	return fmt.Sprintf(`{"id":%q,"object":"charge","amount":%d,"amount_captured":%d,"amount_refunded":0,"application":null,"application_fee":null,"application_fee_amount":null,"balance_transaction":"txn_3%s","billing_details":{"address":{"city":null,"country":null,"line1":null,"line2":null,"postal_code":null,"state":null},"email":null,"name":null,"phone":null,"tax_id":null},"calculated_statement_descriptor":"STRIPE","captured":true,"created":%d,"currency":"usd","customer":null,"description":null,"disputed":false,"failure_balance_transaction":null,"failure_code":null,"failure_message":null,"fraud_details":{},"livemode":false,"metadata":{},"on_behalf_of":null,"outcome":{"advice_code":null,"network_advice_code":null,"network_decline_code":null,"network_status":"approved_by_network","reason":null,"risk_level":"normal","risk_score":%d,"seller_message":"Payment complete.","type":"authorized"},"paid":true,"payment_intent":null,"payment_method":"card_1%s","payment_method_details":{"card":{"brand":"visa","checks":{"address_line1_check":null,"address_postal_code_check":null,"cvc_check":null},"country":"US","exp_month":8,"exp_year":2027,"fingerprint":"mToisGZ01V71BCos","funding":"credit","installments":null,"last4":"4242","mandate":null,"network":"visa","three_d_secure":null,"wallet":null},"type":"card"},"receipt_email":null,"receipt_number":null,"receipt_url":"https://pay.stripe.com/receipts/payment/%s","refunded":false,"review":null,"shipping":null,"source_transfer":null,"statement_descriptor":null,"statement_descriptor_suffix":null,"status":"succeeded","transfer_data":null,"transfer_group":null}`,
		id, amount, amount, m.hex(22), 1_700_000_000+m.IntN(1e7), m.IntN(60), m.hex(22), m.hex(60))
}

func (m maker) pod(i int) string {
	app := m.of("web", "api", "worker")
	name := app + "-" + m.hex(9) + "-" + m.hex(5)
	env := list0(2+m.IntN(3), func(j int) string { return fmt.Sprintf(`{"name":"SETTING_%d","value":%q}`, j, m.words(1)) })
	return fmt.Sprintf(`{"metadata":{"name":%q,"generateName":"%s-","namespace":"default","uid":"%s-%s","resourceVersion":"%d","creationTimestamp":%q,"labels":{"app":%q,"pod-template-hash":%q},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"%s-x","uid":%q,"controller":true,"blockOwnerDeletion":true}]},"spec":{"volumes":[{"name":"kube-api-access-%s","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}}],"defaultMode":420}}],"containers":[{"name":%q,"image":"registry.example.com/%s:1.%d","ports":[{"containerPort":8080,"protocol":"TCP"}],"env":%s,"resources":{"limits":{"cpu":"500m","memory":"256Mi"},"requests":{"cpu":"100m","memory":"128Mi"}},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","nodeName":"node-%d","schedulerName":"default-scheduler","priority":0},"status":{"phase":"Running","conditions":[{"type":"Initialized","status":"True","lastProbeTime":null,"lastTransitionTime":%q},{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":%q},{"type":"PodScheduled","status":"True","lastProbeTime":null,"lastTransitionTime":%q}],"hostIP":"10.0.0.%d","podIP":"10.1.0.%d","startTime":%q,"containerStatuses":[{"name":%q,"state":{"running":{"startedAt":%q}},"lastState":{},"ready":true,"restartCount":%d,"image":"registry.example.com/%s","imageID":"sha256:%s","started":true}],"qosClass":"Burstable"}}`,
		name, app, m.hex(8), m.hex(12), 1000+i, m.date(), app, m.hex(9), app, m.hex(20), m.hex(5), app, app, m.IntN(9), env, m.IntN(5), m.date(), m.date(), m.date(), m.IntN(250), m.IntN(250), m.date(), app, m.date(), m.IntN(4), app, m.hex(64))
}

func (m maker) tweet(int) string {
	id := 1e17 + float64(m.IntN(1e15))
	return fmt.Sprintf(`{"created_at":"Mon Sep 24 03:35:21 +0000 2026","id":%.0f,"id_str":"%.0f","text":%q,"truncated":false,"entities":{"hashtags":[{"text":"go","indices":[1,4]}],"urls":[],"user_mentions":[]},"source":"<a href=\"https://example.com/\">App</a>","in_reply_to_status_id":null,"in_reply_to_user_id":null,"user":{"id":%d,"name":%q,"screen_name":"u%s","location":"","description":%q,"url":null,"protected":false,"followers_count":%d,"friends_count":%d,"created_at":"Mon Jan 02 03:35:21 +0000 2012","verified":false,"lang":"en","profile_image_url":"https://example.com/profile_images/%s.png","default_profile":true},"geo":null,"coordinates":null,"place":null,"retweet_count":%d,"favorite_count":%d,"favorited":false,"retweeted":false,"lang":"en"}`,
		id, id, m.words(14), m.IntN(1e9), m.words(2), m.hex(6), m.words(9), m.IntN(9000), m.IntN(900), m.hex(9), m.IntN(90), m.IntN(90))
}

func (m maker) row(i int) string {
	return fmt.Sprintf(`{"id":%d,"name":%q,"email":"user%d@example.com","country":%q,"amount":%d.%02d,"active":%t,"created":%q}`,
		i, m.words(2), i, m.of("CH", "DE", "US"), m.IntN(900), m.IntN(100), i%3 == 0, m.date())
}

// payloads are made-up answers of six kinds with n items each, some as bare
// arrays, some as the page that the API wraps them in.
func payloads(n int) map[string]string {
	m := maker{rand.New(rand.NewPCG(21, 22))}
	return map[string]string{
		"GitHub issues":   list0(n, m.githubIssue),
		"GitHub events":   list0(n, m.githubEvent),
		"Stripe charges":  `{"object":"list","url":"/v1/charges","has_more":true,"data":` + list0(n, m.stripeCharge) + `}`,
		"Kubernetes pods": `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1452"},"items":` + list0(n, m.pod) + `}`,
		"tweets":          `{"statuses":` + list0(n, m.tweet) + `,"search_metadata":{"count":100}}`,
		"flat table":      list0(n, m.row),
	}
}

// TestFillRates prints how much of a budget is used on each kind of payload, as a
// text and as text with structured content.
func TestFillRates(t *testing.T) {
	s := newShaper(t)
	budgets := []int{1000, 2000, 5000, 10000, 20000}
	all := payloads(400)
	t.Logf("%-16s %-7s %v", "data", "as", budgets)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for as, res := range map[string]*call.Result{"text": text(all[name]), "both": both(all[name]), "auto": text(all[name])} {
			o := shape.Settings{}
			if as == "auto" {
				o.Shaping = &tool.Shaping{Encoding: tool.LayoutAuto}
			}
			line := fmt.Sprintf("%-16s %-7s", name, as)
			for _, o.Budget = range budgets {
				out, report := s.ShapeBy(t.Context(), res, o)
				if n := read(t, out); n != report.After || n > o.Budget {
					t.Fatalf("%s: %d of %d, reports %d", name, n, o.Budget, report.After)
				}
				if len(report.Cut) == 0 {
					line += "    all"
					continue
				}
				fill := 100 * float64(report.After) / float64(o.Budget)
				line += fmt.Sprintf("  %5.1f", fill)
				if fill < 95 && as != "auto" || fill < 50 {
					t.Errorf("%s as %s: %.1f %% of %d", name, as, fill, o.Budget)
				}
			}
			t.Log(line)
		}
	}
}

// TestSavings prints what each way of writing saves, and holds that none costs.
func TestSavings(t *testing.T) {
	s, enc := newShaper(t), encoding(t)
	t.Logf("%-16s %8s %9s %6s %6s %6s %8s %6s %10s", "data", "tokens", "minified", "nulls", "toon", "csv", "columns", "auto", "auto+nulls")
	all := payloads(100)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, []byte(all[name]), "", "  "); err != nil {
			t.Fatal(err)
		}
		plain := enc.Count(all[name])
		line := fmt.Sprintf("%-16s %8d %9.0f", name, plain, 100-100*float64(plain)/float64(enc.Count(pretty.String())))
		for _, shaping := range []tool.Shaping{
			{Drop: tool.Drop{Nulls: true}}, {Encoding: tool.LayoutTOON}, {Encoding: tool.LayoutCSV}, {Encoding: tool.LayoutColumns},
			{Encoding: tool.LayoutAuto}, {Encoding: tool.LayoutAuto, Drop: tool.Drop{Nulls: true}},
		} {
			out, _ := s.ShapeBy(t.Context(), text(all[name]), shape.Settings{Shaping: &shaping})
			n := enc.Count(out.Content[0].Text)
			if n > plain {
				t.Errorf("%s: %+v costs %d instead of %d", name, shaping, n, plain)
			}
			line += fmt.Sprintf(" %6.0f", 100-100*float64(n)/float64(plain))
		}
		t.Log(line)
	}
}
