package main

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf-docker-registry/cdktf-docker-registry-go/cdktfdockerregistry"
	docker "github.com/cdktf/cdktf-provider-docker-go/docker/v12/provider"
	local "github.com/cdktf/cdktf-provider-local-go/local/v11/provider"
	random "github.com/cdktf/cdktf-provider-random-go/random/v12/provider"
	tls "github.com/cdktf/cdktf-provider-tls-go/tls/v11/provider"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

func main() {
	app := cdktf.NewApp(nil)
	stack := cdktf.NewTerraformStack(app, jsii.String("registry"))
	docker.NewDockerProvider(stack, jsii.String("Docker"), nil)
	local.NewLocalProvider(stack, jsii.String("Local"), nil)
	random.NewRandomProvider(stack, jsii.String("Random"), nil)
	tls.NewTlsProvider(stack, jsii.String("Tls"), nil)
	cdktfdockerregistry.NewPrivateRegistry(stack, jsii.String("Default"), &cdktfdockerregistry.PrivateRegistryProps{
		Endpoint: cdktfdockerregistry.PublicEndpoint_Https(&cdktfdockerregistry.PublicEndpointProps{
			Host: jsii.String("localhost"),
			Port: jsii.Number(5443),
		}),
		Users: &[]cdktfdockerregistry.HtpasswdUser{
			cdktfdockerregistry.HtpasswdUser_Generated(jsii.String("ci"), &cdktfdockerregistry.GeneratedUserProps{
				Access: cdktfdockerregistry.Access_PUSH,
			}),
			cdktfdockerregistry.HtpasswdUser_Generated(jsii.String("reader"), nil),
		},
		RedisCache: jsii.Bool(true),
	}).AddOutputs(nil)
	app.Synth()
}
