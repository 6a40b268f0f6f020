package mock

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// The stock that names, places and sentences are made of.
var (
	firstNames = strings.Fields("Ada Björn Chiara Daniel Elif Felix Grace Hiro Ingrid Jonas Kofi Leila Marta Nikhil Olivia Pedro Quinn Rosa Samir Tove Uma Viktor Wanjiru Ximena Yuki Zoe Amara Bruno Clara Dmitri Esther Farid")
	lastNames  = strings.Fields("Lindqvist Okafor Rossi Novak Yilmaz Weber Hopper Tanaka Berg Moreau Mensah Haddad Kowalska Sharma Bennett Alves Murphy Jimenez Khan Nilsen Patel Petrov Kamau Torres Sato Fischer Diallo Costa Jansen Volkov Cohen Rahimi")
	companies  = strings.Fields("Northwind Fjord Bluepeak Lumen Harbor Alder Cobalt Meridian Juniper Quarry Solstice Tidewater Vantage Willow Argon Beacon Cedar Delta Ember Foxglove Granite Helix")
	kinds      = strings.Fields("Traders Logistics Labs Systems Foods Energy Health Textiles Media Robotics Partners Instruments")
	colleagues = strings.Fields("maria.keller tom.ashworth priya.nair luca.ferri")
	jobs       = []string{"Head of Procurement", "Operations Manager", "Chief Financial Officer", "Software Engineer", "Office Manager", "Marketing Director", "Supply Chain Analyst", "Chief Executive", "IT Administrator", "Sales Representative"}
	streets    = []string{"Storgatan", "Harbour Road", "Via Roma", "Lindenallee", "Rue de la Gare", "Mill Lane", "Calle Mayor", "Station Street"}
	cities     = []string{"Gothenburg", "Hamburg", "Lyon", "Leeds", "Turin", "Valencia", "Boston", "Osaka", "Nairobi", "Toronto"}
	// countries are those of the cities, in the same order.
	countries = strings.Fields("SE DE FR GB IT ES US JP KE CA")
	topics    = []string{"renewal offer", "rollout plan", "support contract", "pilot project", "price list", "data migration", "security review", "training day", "annual report", "onboarding", "framework agreement", "warehouse upgrade"}
	sentences = []string{
		"Asked for a quote before Friday.", "Prefers to be called after lunch.", "The budget is decided in May.",
		"Liked the demo and will talk to the board.", "Wants to start with a small pilot.", "Is waiting for legal to sign off.",
		"Compared us with two competitors.", "Needs an integration with their warehouse system.", "Had a question about the invoice.",
		"Will be on leave until the end of the month.", "Introduced us to a colleague in Lyon.", "Has renewed twice so far.",
		"Opened the e-mail about the new price list.", "Would like training for twelve people.", "Reported that the import was slow.",
	}
	trades = []string{"Wholesale of groceries in Northern Europe.", "Makes measuring instruments for the food industry.", "Runs warehouses in nine countries.",
		"Software for hospitals and care homes.", "Designs and sells workwear.", "Builds and maintains wind farms.", "Publishes trade magazines."}
	labels = strings.Fields("priority renewal pilot europe partner contract 2026 follow-up inbound strategic")
	files  = []string{"order-form.pdf", "floor-plan.png", "contacts.csv", "meeting-notes.txt", "quote-2026.pdf", "logo.png", "price-list.csv", "agenda.txt"}
)

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// words makes a string by its format, then by the property's name, then from
// the schema's examples.
func (g *generator) words(s *jsonschema.Schema, name string, sc scope) string {
	key := fold(name)
	if v, ok := g.byFormat(s, key, sc); ok {
		return v
	}
	if v, ok := g.byName(key, sc); ok {
		return v
	}
	if len(s.Examples) > 0 {
		text, _ := pick(g.rng, s.Examples).(string)
		if strings.HasSuffix(key, "id") || key == "key" || key == "sku" || key == "code" {
			return vary(g.rng, text)
		}
		if text != "" {
			return text
		}
	}
	if key == "id" || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "Id") || key == "sid" {
		return fmt.Sprintf("%s_%08x", strings.TrimSuffix(strings.TrimSuffix(singularOr(g.noun, "x"), "s"), "-"), g.rng.Uint32())
	}
	return pick(g.rng, topics)
}

func singularOr(s, other string) string {
	if s == "" {
		return other
	}
	return fold(s)
}

func (g *generator) byFormat(s *jsonschema.Schema, key string, sc scope) (string, bool) {
	switch s.Format {
	case "email", "idn-email":
		return g.email(key, sc), true
	case "date-time":
		return g.moment(key, sc).Format(time.RFC3339), true
	case "date":
		return g.moment(key, sc).Format(time.DateOnly), true
	case "time":
		return fmt.Sprintf("%02d:%02d:00Z", 8+g.rng.IntN(10), 15*g.rng.IntN(4)), true
	case "duration":
		return fmt.Sprintf("PT%dM", 5+5*g.rng.IntN(20)), true
	case "uuid":
		a, b := g.rng.Uint64(), g.rng.Uint64()
		return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff), true
	case "uri", "url", "uri-reference", "iri":
		if key == "website" || key == "homepage" || key == "homepageurl" || key == "websiteurl" {
			return "https://www." + g.domain(sc), true
		}
		return "https://www." + g.domain(sc) + "/" + strings.ReplaceAll(pick(g.rng, topics), " ", "-"), true
	case "hostname", "idn-hostname":
		return g.domain(sc), true
	case "ipv4", "ip":
		return fmt.Sprintf("192.0.2.%d", 1+g.rng.IntN(254)), true
	case "ipv6":
		return fmt.Sprintf("2001:db8::%x", 1+g.rng.IntN(65534)), true
	case "byte":
		return base64.StdEncoding.EncodeToString([]byte(pick(g.rng, sentences))), true
	case "binary":
		return pick(g.rng, sentences) + "\n", true
	}
	return "", false
}

// people are nouns whose "name" is a person's.
var people = []string{"contact", "user", "person", "customer", "member", "author", "owner", "employee", "lead", "agent", "recipient", "assignee", "creator"}

func (g *generator) byName(key string, sc scope) (string, bool) {
	switch key {
	case "firstname", "givenname":
		return pick(g.rng, firstNames), true
	case "lastname", "familyname", "surname":
		return pick(g.rng, lastNames), true
	case "fullname", "displayname", "author", "assignee":
		return pick(g.rng, firstNames) + " " + pick(g.rng, lastNames), true
	case "name":
		return g.name(sc), true
	case "email", "emailaddress":
		return g.email(key, sc), true
	case "phone", "phonenumber", "mobile", "telephone":
		return fmt.Sprintf("+4631%07d", g.rng.IntN(10_000_000)), true
	case "company", "companyname", "organization", "organisation", "organizationname":
		return pick(g.rng, companies) + " " + pick(g.rng, kinds), true
	case "street", "streetaddress", "line1", "address1", "addressline1":
		return fmt.Sprintf("%s %d", pick(g.rng, streets), 1+g.rng.IntN(120)), true
	case "city", "town":
		return pick(g.rng, cities), true
	case "country", "countrycode":
		if i := slices.Index(cities, text(sc["city"])); i >= 0 {
			return countries[i], true
		}
		return pick(g.rng, countries), true
	case "postalcode", "zip", "zipcode", "postcode":
		return fmt.Sprintf("%03d %02d", 100+g.rng.IntN(900), g.rng.IntN(100)), true
	case "domain", "hostname", "host":
		return g.domain(sc), true
	case "currency":
		return pick(g.rng, []string{"EUR", "USD", "SEK"}), true
	case "tag", "label", "category":
		return pick(g.rng, labels), true
	case "filename":
		return fileName(g.rng, sc), true
	case "subject", "topic":
		return upperFirst(pick(g.rng, topics)), true
	case "jobtitle", "position":
		return pick(g.rng, jobs), true
	case "title":
		if _, ok := sc["first_name"]; ok || slices.Contains(people, g.noun) {
			return pick(g.rng, jobs), true
		}
		return upperFirst(pick(g.rng, topics)), true
	case "description", "summary", "body", "text", "message", "comment", "note", "notes", "content", "snippet", "reason", "bio":
		if key == "description" && g.noun == "company" {
			return pick(g.rng, trades), true
		}
		i := g.rng.IntN(len(sentences))
		return sentences[i] + " " + sentences[(i+1+g.rng.IntN(len(sentences)-1))%len(sentences)], true
	}
	return "", false
}

// fileName makes a file's name that fits the media type beside it.
func fileName(rng *rand.Rand, sc scope) string {
	name := pick(rng, files)
	for _, key := range []string{"media_type", "mime_type", "content_type", "mediaType", "mimeType", "contentType"} {
		switch mediaType, _ := sc[key].(string); tool.BaseType(mediaType) {
		case "application/pdf":
			return strings.TrimSuffix(name, path.Ext(name)) + ".pdf"
		case "image/png":
			return strings.TrimSuffix(name, path.Ext(name)) + ".png"
		case "text/csv":
			return strings.TrimSuffix(name, path.Ext(name)) + ".csv"
		}
	}
	return name
}

// name makes the name of whatever is being made.
func (g *generator) name(sc scope) string {
	switch {
	case slices.Contains(people, g.noun):
		return pick(g.rng, firstNames) + " " + pick(g.rng, lastNames)
	case g.noun == "file" || g.noun == "document" || g.noun == "attachment":
		return fileName(g.rng, sc)
	case g.noun == "company" || g.noun == "organization" || g.noun == "account" || g.noun == "subsidiary" || g.noun == "vendor":
		return pick(g.rng, companies) + " " + pick(g.rng, kinds)
	}
	return pick(g.rng, companies) + " " + pick(g.rng, topics)
}

// email makes an address that fits the names beside it; owners are colleagues.
func (g *generator) email(key string, sc scope) string {
	switch key {
	case "owner", "author", "actor", "assignee", "createdby", "updatedby":
		return pick(g.rng, colleagues) + "@acme.example"
	}
	given, _ := sc["first_name"].(string)
	family, _ := sc["last_name"].(string)
	if given == "" || family == "" {
		given, family = pick(g.rng, firstNames), pick(g.rng, lastNames)
	}
	return ascii(given) + "." + ascii(family) + "@" + strings.ToLower(pick(g.rng, companies)) + ".example"
}

func (g *generator) domain(sc scope) string {
	name, _ := sc["name"].(string)
	word, _, _ := strings.Cut(name, " ")
	if word = ascii(word); word == "" {
		word = strings.ToLower(pick(g.rng, companies))
	}
	return word + ".example"
}

// ascii returns the letters of a name in lower case, without their accents.
func ascii(s string) string {
	s = strings.NewReplacer("ö", "o", "ä", "a", "å", "a", "ü", "u", "é", "e").Replace(strings.ToLower(s))
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// moment makes a time in the last year; in the next weeks for what is due, and
// after its sibling for an end or an update.
func (g *generator) moment(key string, sc scope) time.Time {
	back := func(days int) time.Time {
		return g.now.Add(-time.Duration(g.rng.IntN(days*24*60)) * time.Minute)
	}
	after := func(names ...string) (time.Time, bool) {
		for _, name := range names {
			text, _ := sc[name].(string)
			if t, err := time.Parse(time.RFC3339, text); err == nil {
				return t, true
			}
		}
		return time.Time{}, false
	}
	switch {
	case strings.HasPrefix(key, "due") || strings.HasPrefix(key, "close") || strings.HasPrefix(key, "expire") || strings.HasPrefix(key, "start"):
		return g.now.Add(time.Duration(1+g.rng.IntN(90*24)) * time.Hour)
	case strings.HasPrefix(key, "end"):
		if t, ok := after("starts_at", "start", "started_at"); ok {
			return t.Add(45 * time.Minute)
		}
	case strings.HasPrefix(key, "updated") || strings.HasPrefix(key, "modified") || strings.HasPrefix(key, "lastmodified"):
		if t, ok := after("created_at", "created", "createdAt"); ok {
			return t.Add(time.Duration(g.rng.Int64N(max(1, int64(g.now.Sub(t)))))).Truncate(time.Second)
		}
	}
	return back(400)
}

// singular returns the word for one of many: "company" for "companies".
func singular(s string) string {
	switch {
	case strings.HasSuffix(s, "ies") && len(s) > 4:
		return s[:len(s)-3] + "y"
	case strings.HasSuffix(s, "sses") || strings.HasSuffix(s, "xes") || strings.HasSuffix(s, "ches"):
		return s[:len(s)-2]
	case strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss") && !strings.HasSuffix(s, "us") && len(s) > 2:
		return s[:len(s)-1]
	}
	return s
}
