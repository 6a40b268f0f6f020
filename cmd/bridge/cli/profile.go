package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/bridge-gateway/bridge/runtime/profile"
)

// profileFlag adds the flag that says which clients definitions are adapted to;
// it sets the configuration's key of that name.
func profileFlag(cmd *cobra.Command) {
	cmd.Flags().String("profile", profile.Default, "clients that definitions are adapted to: "+strings.Join(profile.Names(), ", "))
}
