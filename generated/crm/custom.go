package crm

import (
	"context"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// customize is what the sales team adds to its CRM by hand. Adapter calls it;
// bridge gen leaves this file alone.
func customize(a *rest.Adapter) {
	rest.Before(a, CreateContact, normalizeEmail)
	rest.Around(a, CreateContact, reuseContact)
	rest.After(a, GetContact, maskPhone)
	rest.Hide(a, DeleteCompany)
	rest.Compose(a, rest.Composite{
		Name:  "onboard_contact",
		Title: "Onboard a contact",
		Description: "Creates a contact, writes down what was said as a note, and opens a deal, in one call. " +
			"Use it for a new lead in place of create_contact, create_note and create_deal.",
		Annotations: tool.Annotations{OpenWorld: true},
	}, onboardContact)
}

// normalizeEmail writes addresses in lower case, as listContacts finds an address
// by its exact letters.
func normalizeEmail(_ context.Context, _ *rest.Source, in *CreateContactInput) error {
	in.Email = strings.ToLower(in.Email)
	if strings.HasSuffix(in.Email, "@acme.example") {
		return rest.Errorf("%s is a colleague's address; contacts are people outside of Acme", in.Email)
	}
	return nil
}

// reuseContact answers with the contact that has the address, if there is one:
// the CRM itself would create a second.
func reuseContact(ctx context.Context, s *rest.Source, in CreateContactInput,
	next func(context.Context, CreateContactInput) (Contact, error)) (Contact, error) {
	known, err := ListContacts.Call(ctx, s, ListContactsInput{Filter: &ContactFilter{Email: &in.Email}})
	if err != nil {
		return Contact{}, err
	}
	if len(known.Data) > 0 {
		return known.Data[0], nil
	}
	return next(ctx, in)
}

// maskPhone keeps the phone numbers of archived contacts from being called.
func maskPhone(_ context.Context, _ *rest.Source, _ GetContactInput, out *Contact) error {
	if out.Phone == nil || out.Status == nil || *out.Status != ContactStatusArchived {
		return nil
	}
	masked := strings.Repeat("*", max(len(*out.Phone)-2, 0)) + (*out.Phone)[max(len(*out.Phone)-2, 0):]
	out.Phone = &masked
	return nil
}

// onboarding holds the arguments of onboard_contact.
type onboarding struct {
	FirstName string `json:"first_name" jsonschema:"First name."`
	LastName  string `json:"last_name" jsonschema:"Last name."`
	Email     string `json:"email" jsonschema:"The address to write to."`
	Note      string `json:"note" jsonschema:"What was said, in Markdown."`
	Deal      string `json:"deal" jsonschema:"What the deal is about."`
	Amount    int64  `json:"amount,omitempty" jsonschema:"What the deal is worth, in cents."`
}

// onboarded is the result of onboard_contact.
type onboarded struct {
	ContactID string `json:"contact_id" jsonschema:"The contact's id."`
	NoteID    string `json:"note_id" jsonschema:"The note's id."`
	DealID    string `json:"deal_id" jsonschema:"The deal's id."`
}

// onboardContact creates a contact with a note and a deal. Where a later step
// fails, it says what was done already.
func onboardContact(ctx context.Context, s *rest.Source, in onboarding) (onboarded, error) {
	contact, err := CreateContact.Call(ctx, s, CreateContactInput{FirstName: in.FirstName, LastName: in.LastName, Email: in.Email})
	if err != nil {
		return onboarded{}, err
	}
	note, err := CreateNote.Call(ctx, s, CreateNoteInput{ContactID: contact.ID, Body: in.Note})
	if err != nil {
		return onboarded{}, rest.Errorf("the contact %s is there, but its note and deal are not: %w", contact.ID, err)
	}
	deal, err := CreateDeal.Call(ctx, s, CreateDealInput{Name: in.Deal, Amount: in.Amount, ContactIDs: []string{contact.ID}})
	if err != nil {
		return onboarded{}, rest.Errorf("the contact %s and its note %s are there, but the deal is not: %w", contact.ID, note.ID, err)
	}
	return onboarded{ContactID: contact.ID, NoteID: note.ID, DealID: deal.ID}, nil
}
