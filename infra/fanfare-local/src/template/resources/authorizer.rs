//! What HTTP routes ask of their callers: API Gateway v2's authorizers, and SAM's `Auth`.

use fanfare_template::{Declaration, Problem};

use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::{Authorization, JwtAuthorizer};

const KIND: &str = "AWS::ApiGatewayV2::Authorizer";
/// Where a token is looked for.
const HEADER: &str = "$request.header.Authorization";

/// What a route of API Gateway v2 says about authorization.
pub(super) struct Asked {
    kind: Option<Property>,
    authorizer: Option<Property>,
    scopes: Option<Property>,
}

impl Asked {
    pub(super) fn of_route(properties: &mut Properties) -> Self {
        Self {
            kind: properties.take("AuthorizationType"),
            authorizer: properties.take("AuthorizerId"),
            scopes: properties.take("AuthorizationScopes"),
        }
    }
}

/// What such a route asks for.
pub(super) fn of_route(scope: &Scope<'_>, asked: Asked) -> Result<Authorization, Problem> {
    let Some(kind) = asked.kind else { return Ok(Authorization::None) };
    match kind.one_of(&["NONE", "AWS_IAM", "JWT"])? {
        "NONE" => Ok(Authorization::None),
        "AWS_IAM" => Ok(Authorization::Iam),
        _ => {
            let id =
                asked.authorizer.ok_or_else(|| kind.fault("needs an AuthorizerId beside it"))?;
            let given = id.text()?;
            let found = scope.find(&[KIND], |authorizer| Ok(authorizer.id == given))?;
            let wrong =
                || id.unsupported(format!("is {given}, which is no authorizer of this template"));
            let authorizer = read(scope.properties(found.ok_or_else(wrong)?)?)?;
            Ok(Authorization::Jwt(JwtAuthorizer { scopes: texts(asked.scopes)?, ..authorizer }))
        }
    }
}

/// Checks an authorizer that no route may name.
pub(super) fn check(properties: Properties) -> Result<(), Problem> {
    read(properties).map(drop)
}

fn read(mut properties: Properties) -> Result<JwtAuthorizer, Problem> {
    properties.require("ApiId")?;
    properties.require("AuthorizerType")?.one_of(&["JWT"])?;
    if let Some(sources) = properties.take("IdentitySource") {
        for source in sources.items()? {
            source.one_of(&[HEADER])?;
        }
    }
    let configuration = properties.require("JwtConfiguration")?;
    properties.ignore(&["Name"]);
    properties.finish()?;
    configured(&configuration, "Issuer", "Audience")
}

fn configured(
    configuration: &Property,
    issuer: &str,
    audience: &str,
) -> Result<JwtAuthorizer, Problem> {
    let mut fields = configuration.fields()?;
    let issuer = fields.require(issuer)?.text()?.to_owned();
    let audience = texts(Some(fields.require(audience)?))?;
    fields.finish()?;
    Ok(JwtAuthorizer { issuer, audience, scopes: Vec::new() })
}

fn texts(list: Option<Property>) -> Result<Vec<String>, Problem> {
    let Some(list) = list else { return Ok(Vec::new()) };
    list.items()?.iter().map(|item| item.text().map(str::to_owned)).collect()
}

/// What SAM's `Auth` of an API says.
struct Auth {
    /// What a route asks for that says nothing itself.
    default: Authorization,
    authorizers: Vec<(String, JwtAuthorizer)>,
}

impl Auth {
    fn of(mut fields: Properties) -> Result<Self, Problem> {
        let default = fields.take("DefaultAuthorizer");
        let mut auth = Self { default: Authorization::None, authorizers: Vec::new() };
        if let Some(all) = fields.take("Authorizers") {
            for one in all.fields()?.rest() {
                auth.authorizers.push((one.key.clone(), declared(one.fields()?)?));
            }
        }
        if let Some(default) = default {
            auth.default = auth.named(&default)?;
        }
        fields.ignore(&["EnableIamAuthorizer"]);
        fields.finish()?;
        Ok(auth)
    }

    fn named(&self, name: &Property) -> Result<Authorization, Problem> {
        match name.text()? {
            "NONE" => Ok(Authorization::None),
            "AWS_IAM" => Ok(Authorization::Iam),
            given => {
                let found = self.authorizers.iter().find(|(own, _)| own == given);
                let wrong =
                    || name.unsupported(format!("is {given}, which is no authorizer of its API"));
                found.map(|(_, one)| Authorization::Jwt(one.clone())).ok_or_else(wrong)
            }
        }
    }
}

fn declared(mut fields: Properties) -> Result<JwtAuthorizer, Problem> {
    if let Some(source) = fields.take("IdentitySource") {
        source.one_of(&[HEADER])?;
    }
    let scopes = texts(fields.take("AuthorizationScopes"))?;
    let authorizer = configured(&fields.require("JwtConfiguration")?, "issuer", "audience")?;
    fields.finish()?;
    Ok(JwtAuthorizer { scopes, ..authorizer })
}

/// Checks the `Auth` of an API.
pub(super) fn check_of_sam(fields: Properties) -> Result<(), Problem> {
    Auth::of(fields).map(drop)
}

/// What a route asks for that SAM makes of a function's event: what the event says, or else its API.
pub(super) fn of_sam(
    scope: &Scope<'_>,
    api: Option<&Declaration>,
    own: Option<Property>,
) -> Result<Authorization, Problem> {
    let mut auth = Auth { default: Authorization::None, authorizers: Vec::new() };
    if let Some(api) = api
        && let Some(of_api) = scope.properties(api)?.take("Auth")
    {
        auth = Auth::of(of_api.fields()?)?;
    }
    let Some(own) = own else { return Ok(auth.default) };
    let mut fields = own.fields()?;
    let asked = fields.take("Authorizer").map(|name| auth.named(&name)).transpose()?;
    let scopes = texts(fields.take("AuthorizationScopes"))?;
    fields.finish()?;
    Ok(match asked.unwrap_or(auth.default) {
        Authorization::Jwt(authorizer) if !scopes.is_empty() => {
            Authorization::Jwt(JwtAuthorizer { scopes, ..authorizer })
        }
        other => other,
    })
}
