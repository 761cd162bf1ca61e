//! The scripts that deploy a stack, test it and delete it, with an `aws` that answers what a test says.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use system_tests::repository;
use tempfile::TempDir;

const SCRIPTS: [&str; 6] = [
    "aws.sh",
    "deploy.sh",
    "deploy-function.sh",
    "destroy.sh",
    "emulators/e2e.sh",
    "template.yaml",
];

/// A project of one function. Its `aws` and its `cargo` write down what they are asked.
struct Project(TempDir);

impl Project {
    /// `answers` are cases of the shell: `PATTERN) COMMAND ;;` for what `aws` is called with.
    fn given(answers: &str) -> Self {
        let project = Self(TempDir::new().expect("a folder"));
        for script in SCRIPTS {
            let from = repository().join("infra").join(script);
            project.write(&format!("infra/{script}"), &fs::read(from).expect("a script"));
        }
        project.write("functions/email/Cargo.toml", b"");
        let identity = "sts*) echo 123456789012 ;;";
        let record = r#"echo "${0##*/} $*" >>"${0%/*}/calls""#;
        let aws =
            format!("#!/usr/bin/env bash\n{record}\ncase \"$*\" in\n{identity}\n{answers}\nesac\n");
        project.write(".tools/bin/aws", aws.as_bytes());
        project.write(".tools/bin/cargo", format!("#!/usr/bin/env bash\n{record}\n").as_bytes());
        project.write(".tools/bin/calls", b"");
        project
    }

    fn write(&self, path: &str, content: &[u8]) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        fs::write(&path, content).expect("it is written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    }

    /// As `infra/build.sh` leaves it in `folder`.
    fn built_in(self, folder: &str) -> Self {
        let mut elf = b"\x7fELF".to_vec();
        elf.resize(20, 0);
        elf[18] = 0x3e;
        self.write(&format!("{folder}/email/bootstrap"), &elf);
        self.write(&format!("{folder}/email.zip"), b"zip");
        self
    }

    fn run(&self, script: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new("bash");
        command.arg(self.0.path().join("infra").join(script)).args(arguments);
        command.env("REGION", "eu-central-1");
        command.env_remove("AWS_ENDPOINT_URL").env_remove("BUILD");
        command.envs(environment.iter().copied()).output().expect("the script runs")
    }

    /// What was asked of `aws` and `cargo`, a line each.
    fn calls(&self) -> String {
        fs::read_to_string(self.0.path().join(".tools/bin/calls")).expect("the calls")
    }

    fn text(&self, path: impl AsRef<Path>) -> String {
        fs::read_to_string(self.0.path().join(path)).expect("a text")
    }
}

fn error(output: &Output) -> String {
    assert!(!output.status.success(), "it succeeded");
    String::from_utf8(output.stderr.clone()).expect("text")
}

const NO_STACK: &str =
    "*describe-stacks*) echo 'Stack with id shop does not exist' >&2; exit 254 ;;";
const FAILS: &str = "*'cloudformation deploy'*) exit 1 ;;";
const PROD: &str = r"*describe-stacks*) printf 'prod\tUPDATE_COMPLETE\n' ;;";

#[test]
fn what_is_not_said_of_the_stage_is_not_changed() {
    let make = |arguments: &[&str]| {
        let mut make = Command::new("make");
        make.args(["--dry-run", "deploy"])
            .args(arguments)
            .env_remove("STAGE")
            .env_remove("MAKEFLAGS");
        let output = make.current_dir(repository()).output().expect("make runs");
        String::from_utf8(output.stdout).expect("text")
    };

    assert!(!make(&[]).contains("Stage="));
    assert!(make(&["STAGE=prod"]).contains("infra/deploy.sh fanfare Stage=prod"));
}

#[test]
fn a_stack_in_prod_does_not_become_one_in_dev() {
    let project = Project::given(PROD).built_in("target/lambda");

    let output = project.run("deploy.sh", &["shop", "Stage=dev"], &[]);

    assert!(error(&output).starts_with("deploy: shop is prod"), "{output:?}");
    assert!(!project.calls().contains("cloudformation deploy"));
}

#[test]
fn a_stack_in_prod_is_deployed_to_again() {
    // Of the zip that the test wrote.
    let hash = "*get-function-configuration*) echo SnD+mqZDbgLC3qNA+9HjUuTvLYzmylKtJdS5VHH8i/I= ;;";
    let project = Project::given(&[PROD, hash].join("\n")).built_in("target/lambda");

    let output = project.run("deploy.sh", &["shop", "MaximumConcurrency=20"], &[]);

    assert!(output.status.success(), "{output:?}");
    let deployed = "--parameter-overrides Architecture=x86_64 MaximumConcurrency=20\n";
    assert!(project.calls().contains(deployed), "{}", project.calls());
}

#[test]
fn a_development_build_is_not_deployed_to_aws() {
    let project = Project::given(NO_STACK).built_in("target/lambda-dev");

    let output = project.run("deploy.sh", &["shop"], &[("BUILD", "dev")]);
    assert!(error(&output).contains("the development build is for emulators"), "{output:?}");

    let output = project.run("deploy.sh", &["shop"], &[]);
    assert!(error(&output).contains("target/lambda/email/bootstrap is missing"), "{output:?}");
}

#[test]
fn a_development_build_is_deployed_to_an_emulator() {
    let project = Project::given(NO_STACK).built_in("target/lambda-dev");
    let emulator = [("BUILD", "dev"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")];

    // Asking for the address ends it: that stack does not come to exist.
    project.run("deploy.sh", &["shop"], &emulator);

    let template = project.text("target/shop.yaml");
    assert!(template.contains("CodeUri: ../target/lambda-dev/email"));
    assert!(!template.contains("target/lambda/"));
    assert!(project.calls().contains("package --template-file target/shop.yaml"));
}

#[test]
fn a_stack_that_was_never_deployed_whole_is_to_be_destroyed_first() {
    let rolled_back = r"*describe-stacks*) printf 'dev\tROLLBACK_COMPLETE\n' ;;";
    let project = Project::given(rolled_back).built_in("target/lambda");

    let output = project.run("deploy.sh", &["shop"], &[]);

    assert!(error(&output).contains("ROLLBACK_COMPLETE: run make destroy first"), "{output:?}");
}

#[test]
fn a_failed_deployment_tells_its_own_failures_alone() {
    let answers =
        [NO_STACK, "*'StackEvents[0]'*) echo '\"2026-01-15T10:30:00Z\"' ;;", FAILS].join("\n");
    let project = Project::given(&answers).built_in("target/lambda");

    let output = project.run("deploy.sh", &["shop"], &[]);

    assert!(error(&output).contains("shop is not deployed"), "{output:?}");
    let asked =
        "StackEvents[?Timestamp > '2026-01-15T10:30:00Z' && ends_with(ResourceStatus, '_FAILED')]";
    assert!(project.calls().contains(asked), "{}", project.calls());
}

#[test]
fn a_bucket_of_somebody_else_gets_nothing() {
    let theirs = "*head-bucket*) echo 'An error occurred (403): Forbidden' >&2; exit 254 ;;";
    let project = Project::given(&[PROD, theirs].join("\n")).built_in("target/lambda");

    let output = project.run("deploy.sh", &["shop"], &[]);

    assert!(error(&output).contains("is not 123456789012's"), "{output:?}");
    let calls = project.calls();
    assert!(calls.contains("--expected-bucket-owner 123456789012"), "{calls}");
    assert!(!calls.contains("s3 mb") && !calls.contains("package"), "{calls}");
}

#[test]
fn code_that_is_not_what_was_built_is_noticed() {
    let other = "*get-function-configuration*) echo another= ;;";
    let project = Project::given(&[PROD, other].join("\n")).built_in("target/lambda");

    let output = project.run("deploy.sh", &["shop"], &[]);

    assert!(error(&output).contains("shop-email runs other code than"), "{output:?}");

    let other = "*get-function*) echo x86_64 ;;\n*update-function-code*) echo another= ;;";
    let project = Project::given(other).built_in("target/lambda");
    let output = project.run("deploy-function.sh", &["shop", "email"], &[]);
    assert!(error(&output).contains("shop-email runs other code than"), "{output:?}");
}

#[test]
fn a_function_s_code_is_built_for_the_processor_that_it_has() {
    let zip = r#"*update-function-code*) python3 -c 'import base64, hashlib, sys; print(base64.b64encode(hashlib.sha256(open("target/lambda/email.zip", "rb").read()).digest()).decode())' ;;"#;
    let processor = "*get-function*) echo x86_64 ;;";
    let project = Project::given(&[zip, processor].join("\n")).built_in("target/lambda");

    let output = project.run("deploy-function.sh", &["shop", "email"], &[]);

    assert!(output.status.success(), "{output:?}");
    let calls = project.calls();
    assert!(calls.contains("cargo lambda build --release --x86-64 "), "{calls}");
    assert!(calls.contains("--zip-file fileb://target/lambda/email.zip"), "{calls}");
}

#[test]
fn code_is_sent_to_no_function_that_is_not_there() {
    let project = Project::given("lambda*) echo 'Function not found: shpo-email' >&2; exit 254 ;;");

    let output = project.run("deploy-function.sh", &["shpo", "email"], &[]);

    assert_eq!(error(&output), "deploy-function: shpo-email: Function not found: shpo-email\n");
    assert!(!project.calls().contains("cargo"), "{}", project.calls());
}

#[test]
fn a_table_that_is_gone_or_stays_holds_up_none_of_the_others() {
    let answers = [
        r"*describe-stacks*) printf 'dev\tUPDATE_COMPLETE\n' ;;",
        r"*list-stack-resources*) printf 'gone\tbusy\tlast\n' ;;",
        "*'--table-name gone') echo 'An error occurred (ResourceNotFoundException)' >&2; exit 254 ;;",
        "*'--table-name busy') echo 'An error occurred (ResourceInUseException)' >&2; exit 254 ;;",
    ];
    let project = Project::given(&answers.join("\n"));

    let output = project.run("destroy.sh", &["shop", "--yes"], &[]);

    let error = error(&output);
    assert!(
        error.ends_with("destroy: these tables stay; the same call tries again: busy\n"),
        "{error}"
    );
    assert!(project.calls().contains("delete-table --table-name last"));
}

#[test]
fn what_an_interrupted_deletion_left_is_deleted_by_the_next() {
    let answers = [
        r"*describe-stacks*arn:of:the:last:one*) printf 'dev\tDELETE_COMPLETE\n' ;;",
        NO_STACK,
        "*list-stacks*) echo '\"arn:of:the:last:one\"' ;;",
        "*list-stack-resources*arn:of:the:last:one*) echo left ;;",
    ];
    let project = Project::given(&answers.join("\n"));

    let output = project.run("destroy.sh", &["shop", "--yes"], &[]);

    assert!(output.status.success(), "{output:?}");
    assert!(project.calls().contains("delete-table --table-name left"));
    assert!(!project.calls().contains("delete-stack"));
}

#[test]
fn a_stack_whose_tables_are_forgotten_does_not_pass_for_deleted_with_them() {
    let answers = [
        r"*describe-stacks*arn:of:the:last:one*) printf 'dev\tDELETE_COMPLETE\n' ;;",
        NO_STACK,
        "*list-stacks*) echo '\"arn:of:the:last:one\"' ;;",
    ];
    let project = Project::given(&answers.join("\n"));

    let output = project.run("destroy.sh", &["shop", "--yes"], &[]);

    assert!(error(&output).contains("nothing is known of its tables"), "{output:?}");
}

#[test]
fn a_stack_that_never_was_is_not_deleted() {
    let answers = [NO_STACK, "*list-stacks*) echo null ;;"];
    let project = Project::given(&answers.join("\n"));

    let output = project.run("destroy.sh", &["shop", "--yes"], &[]);

    assert_eq!(error(&output), "destroy: there is no stack shop in eu-central-1\n");
}

#[test]
fn what_an_emulator_lacks_fails_where_it_is_required() {
    let no_http_api =
        "apigatewayv2*) echo 'It has not yet been emulated by LocalStack.' >&2; exit 255 ;;";
    let required = [("REQUIRED", "http-api iam")];
    for (answers, missing) in [(no_http_api, "http-api"), ("", "iam")] {
        let project = Project::given(answers);

        let output = project.run("emulators/e2e.sh", &["http://127.0.0.1:1"], &required);

        let expected = format!("e2e: http://127.0.0.1:1 lacks {missing}, which is required\n");
        assert_eq!(error(&output), expected);
    }
}

#[test]
fn an_emulator_that_fails_is_not_taken_for_one_that_lacks_something() {
    let project = Project::given("apigatewayv2*) echo 'Connection refused' >&2; exit 255 ;;");

    let output = project.run("emulators/e2e.sh", &["http://127.0.0.1:1"], &[]);

    assert_eq!(error(&output), "e2e: no answer about HTTP APIs: Connection refused\n");
}
