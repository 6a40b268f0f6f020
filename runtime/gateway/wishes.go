package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// What callers may say of how much of a result they want: models by reserved
// arguments, where the gateway allows it, and client programs by "_meta", always.
const (
	argBudget = "_budget"
	argFields = "_fields"

	// MetaBudget and MetaFields are the members of a call's "_meta" that say what
	// the reserved arguments do.
	MetaBudget = "bridge/budget"
	MetaFields = "bridge/fields"
	// MetaRepeat, if true, asks for a result whole that the session has had already.
	MetaRepeat = "bridge/repeat"
)

// Bounds of what a caller may say.
const (
	leastBudget  = 50  // tokens; less holds no notice of what was cut
	maxFields    = 100 // pointers
	maxFieldPath = 512 // bytes of one
)

// reserved says which arguments of a tool are the gateway's.
type reserved struct{ budget, fields bool }

// reservedIn returns which arguments the gateway may take for itself: those that
// the tool has none of its own of that name.
func reservedIn(schema json.RawMessage) reserved {
	r := reserved{true, true}
	if !bytes.Contains(schema, []byte(argBudget)) && !bytes.Contains(schema, []byte(argFields)) {
		return r
	}
	properties, _ := protocol.Member(schema, "properties")
	_, hasBudget := protocol.Member(properties, argBudget)
	_, hasFields := protocol.Member(properties, argFields)
	return reserved{!hasBudget, !hasFields}
}

// Schemas of the reserved arguments. Every tool pays for them, so they are short.
const (
	budgetSchema = `{"type":"integer","minimum":50,"description":"Most tokens that the answer may have."}`
	fieldsSchema = `{"type":"array","items":{"type":"string"},"description":"JSON pointers to the parts of the answer to keep, such as /items/*/id."}`
)

// shown returns an input schema with the reserved arguments.
func (r reserved) shown(schema json.RawMessage) json.RawMessage {
	if r == (reserved{}) || !protocol.IsObject(schema) {
		return schema
	}
	properties, _ := protocol.Member(schema, "properties")
	if r.budget {
		properties = protocol.With(nil, properties, argBudget, json.RawMessage(budgetSchema))
	}
	if r.fields {
		properties = protocol.With(nil, properties, argFields, json.RawMessage(fieldsSchema))
	}
	return protocol.With(nil, schema, "properties", properties)
}

// wishes takes what the caller says of the result out of the call. No wish gets
// more than the tool's budget.
func (g *Gateway) wishes(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		e, ceiling := entryOf(ctx), c.Budget
		if len(c.Meta) > 0 {
			repeat, err := takeHints(c)
			if err != nil {
				return nil, err
			}
			if repeat {
				ctx = context.WithValue(ctx, repeatKey{}, true)
			}
		}
		if r := e.reserves(); r != (reserved{}) && len(c.Arguments) > len(`{"":0}`) {
			if err := r.take(c); err != nil {
				refused := call.Failure(err.Error())
				refused.Fault = fault.Invalid
				return refused, nil
			}
		}
		res, err := next(ctx, c)
		c.Budget = ceiling // which is what the ledger is to know of the tool
		return res, err
	}
}

type repeatKey struct{}

// reserves returns which arguments of the tool are the gateway's.
func (e *Entry) reserves() reserved {
	if !e.callerShaping || e.origin.mount.BuiltIn {
		return reserved{}
	}
	return e.reserved
}

// takeHints takes the hints out of the call's "_meta".
func takeHints(c *call.Call) (repeat bool, err error) {
	budget, hasBudget := protocol.Member(c.Meta, MetaBudget)
	fields, hasFields := protocol.Member(c.Meta, MetaFields)
	again, hasRepeat := protocol.Member(c.Meta, MetaRepeat)
	if !hasBudget && !hasFields && !hasRepeat {
		return false, nil
	}
	if hasBudget {
		err = wishBudget(c, `_meta["`+MetaBudget+`"]`, budget)
	}
	if hasFields && err == nil {
		err = wishFields(c, `_meta["`+MetaFields+`"]`, fields)
	}
	if hasRepeat && err == nil && string(again) != "true" && string(again) != "false" {
		err = fmt.Errorf(`_meta["%s"] is true or false`, MetaRepeat)
	}
	if err != nil {
		return false, invalid(err.Error())
	}
	c.Meta = protocol.Without(nil, c.Meta, MetaBudget, MetaFields, MetaRepeat)
	return string(again) == "true", nil
}

// take takes the reserved arguments out of the call's.
func (r reserved) take(c *call.Call) error {
	budget, hasBudget := protocol.Member(c.Arguments, argBudget)
	fields, hasFields := protocol.Member(c.Arguments, argFields)
	var taken []string
	if r.budget && hasBudget {
		if err := wishBudget(c, "The argument "+argBudget, budget); err != nil {
			return err
		}
		taken = append(taken, argBudget)
	}
	if r.fields && hasFields {
		if err := wishFields(c, "The argument "+argFields, fields); err != nil {
			return err
		}
		taken = append(taken, argFields)
	}
	if len(taken) > 0 {
		c.Arguments = protocol.Without(nil, c.Arguments, taken...)
	}
	return nil
}

// wishBudget lowers the call's budget to what the caller wants.
func wishBudget(c *call.Call, what string, value json.RawMessage) error {
	if string(value) == "null" {
		return nil
	}
	n, err := strconv.ParseFloat(string(value), 64)
	if err != nil || n != math.Trunc(n) || n < leastBudget {
		return fmt.Errorf("%s is a whole number of tokens, at least %d", what, leastBudget)
	}
	if wanted := int(min(n, math.MaxInt32)); c.Budget == 0 || wanted < c.Budget {
		c.Budget = wanted
	}
	return nil
}

// wishFields sets which fields the caller wants.
func wishFields(c *call.Call, what string, value json.RawMessage) error {
	if string(value) == "null" {
		return nil
	}
	var fields []string
	if err := json.Unmarshal(value, &fields); err != nil {
		return fmt.Errorf(`%s is a list of JSON pointers, such as ["/items/*/id", "/total"]`, what)
	}
	if len(fields) > maxFields {
		return fmt.Errorf("%s has at most %d pointers", what, maxFields)
	}
	for _, f := range fields {
		if !strings.HasPrefix(f, "/") || len(f) > maxFieldPath {
			return fmt.Errorf(`%s: %s is no JSON pointer; one begins with "/", as in /items/*/id`, what, strconv.Quote(fault.Clip(f, maxShownName)))
		}
	}
	c.Fields = fields
	return nil
}
