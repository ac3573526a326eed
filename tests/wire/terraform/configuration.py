"""What the Terraform check writes into main.tf: resources, then data sources."""

MANY = 22  # more than the 20 of one page, so that the plural data source must turn it

HEAD = """
terraform {
  required_providers {
    cloudflare = { source = "cloudflare/cloudflare" }
  }
}
variable "base_url" {}
variable "account_id" {}
variable "api_token" { sensitive = true }
variable "tag" {}
provider "cloudflare" {
  base_url  = var.base_url
  api_token = var.api_token
}
"""

MINIMAL = """
resource "cloudflare_email_security_impersonation_registry" "minimal" {
  account_id     = var.account_id
  email          = "minimal@${var.tag}.example"
  is_email_regex = false
  name           = "Minimal ${var.tag}"
}
"""

REGEX = r"""
resource "cloudflare_email_security_impersonation_registry" "regex" {
  account_id     = var.account_id
  email          = "^j\\.?doe@${var.tag}\\.example$"
  is_email_regex = true
  name           = "Regex ${var.tag}"
  provenance     = "A1S_INTERNAL"
}
"""

MANY_OF_THEM = f"""
resource "cloudflare_email_security_impersonation_registry" "many" {{
  count          = {MANY}
  account_id     = var.account_id
  email          = "many${{count.index}}@${{var.tag}}.example"
  is_email_regex = false
  name           = format("Many %02d ${{var.tag}}", count.index)
  provenance     = "A1S_INTERNAL"
}}
"""

LOOKED_UP = """
data "cloudflare_email_security_impersonation_registry" "by_address" {
  account_id = var.account_id
  filter     = { search = "full@${var.tag}.example" }
}
data "cloudflare_email_security_impersonation_registry" "by_id" {
  account_id                = var.account_id
  impersonation_registry_id = cloudflare_email_security_impersonation_registry.full.id
}
data "cloudflare_email_security_impersonation_registries" "all" {
  account_id = var.account_id
  search     = var.tag
  order      = "name"
  direction  = "desc"
}
data "cloudflare_email_security_impersonation_registries" "three" {
  account_id = var.account_id
  search     = var.tag
  order      = "name"
  max_items  = 3
}
output "by_address" { value = data.cloudflare_email_security_impersonation_registry.by_address.name }
output "by_id" { value = data.cloudflare_email_security_impersonation_registry.by_id.name }
output "all" { value = data.cloudflare_email_security_impersonation_registries.all.result[*].name }
output "three" { value = data.cloudflare_email_security_impersonation_registries.three.result[*].name }
"""


def full(name: str, comments: str | None) -> str:
    return f"""
resource "cloudflare_email_security_impersonation_registry" "full" {{
  account_id                 = var.account_id
  email                      = "full@${{var.tag}}.example, full2@${{var.tag}}.example"
  is_email_regex             = false
  name                       = "{name} ${{var.tag}}"
  directory_id               = 0
  directory_node_id          = 9007199254740993
  external_directory_node_id = "external_directory_node_id"
  provenance                 = "A1S_INTERNAL"
  {f'comments = "{comments}"' if comments is not None else ""}
}}
"""
