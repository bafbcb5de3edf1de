// Validates the Kubernetes objects of a YAML stream on standard input against the API's own schemas. Prints one line a fault.
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";

const ours = ["external-secrets.io/v1"];
let checked = 0;
for (const document of parseAllDocuments(readFileSync(0, "utf8"))) {
  const object = document.toJS();
  if (ours.includes(object.apiVersion)) {
    continue;
  }
  const { [object.kind]: Model } = await import(`kubernetes-models/${object.apiVersion}`);
  try {
    new Model(object).validate();
    checked++;
  } catch (fault) {
    console.log(`${object.kind} ${object.metadata.name}: ${fault.message}`);
  }
}
console.log(`${checked} objects are valid`);
