package config

// Validate reports every problem at once; nil if there is none.
func (c Config) Validate() error { return c.validate(nil).fault("") }

func (c Config) validate(map[string]bool) problems { return nil }
