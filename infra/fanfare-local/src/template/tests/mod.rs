//! Templates, and what becomes of them.

mod agreement;
mod intrinsics;
mod parameters;
mod refusals;
mod robustness;
mod shapes;

use std::collections::BTreeMap;
use std::path::Path;

use fanfare_template::Problem;

use super::fault::Faults;
use super::loader::{self, Context, Loaded};
use super::stack::Stack;

fn context() -> Context {
    Context {
        stack_name: "shop".into(),
        region: "eu-west-1".into(),
        account_id: "000000000000".into(),
        endpoint: "http://127.0.0.1:4566".into(),
        api_endpoint: "http://127.0.0.1:8080".into(),
        parameters: BTreeMap::new(),
        skip_unsupported: false,
    }
}

/// A template to load.
struct Given {
    text: String,
    context: Context,
}

fn given(template: &str) -> Given {
    Given { text: template.to_owned(), context: context() }
}

/// A template of nothing but these resources, which begin on line 3.
fn given_resources(resources: &str) -> Given {
    given(&format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{resources}"))
}

impl Given {
    fn with(mut self, parameter: &str, value: &str) -> Self {
        self.context.parameters.insert(parameter.into(), value.into());
        self
    }

    fn loads(self) -> Stack {
        self.load().expect("a template that loads")
    }

    fn fails(self, expected: &str) {
        assert_eq!(self.load().expect_err("a template that does not load"), expected);
    }

    fn load(self) -> Result<Stack, String> {
        let loaded = self.read();
        match Faults::of("template.yaml".as_ref(), loaded.faults()) {
            Some(faults) => Err(faults.to_string()),
            None => Ok(loaded.stack),
        }
    }

    fn problems(self) -> Vec<Problem> {
        self.read().problems
    }

    fn read(self) -> Loaded {
        loader::read(&self.text, Path::new("/shop/infra"), &self.context)
    }
}
