package config_test

import (
	"reflect"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/config"
)

func TestGenArrives(t *testing.T) {
	c, err := config.Parse([]byte(read(t, "testdata/gen.good.yml")), "gen.yml")
	want := []config.Gen{
		{At: "gen.yml:2:5", Document: "specs/crm.yaml"},
		{At: "gen.yml:3:5", Document: "https://api.example.com/openapi.json", Name: "billing", Out: "internal/billing",
			Overlays: []string{"overlays/billing.yaml"}, Profile: "openai", MaxTokens: 20000, MaxToolTokens: 800},
	}
	if err != nil || !reflect.DeepEqual(c.Gen, want) {
		t.Errorf("gen = %+v, %v", c.Gen, err)
	}
}
