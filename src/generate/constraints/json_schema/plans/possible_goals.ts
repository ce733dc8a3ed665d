import { append } from '../../../../base/append.js';
import type { Expression } from '../../expressions/expression.js';
import type { Context } from '../claims/context.js';
import { type Goal, placeOf } from '../claims/goals.js';
import { numberKey } from '../shapes/numbers.js';
import type { Shapes } from '../shapes/shapes.js';
import { NumberTexts } from '../texts/number_text.js';
import { ArrayPlan } from './array_plan.js';
import { ObjectCourse } from './object_course.js';
import { ObjectPlan } from './object_plan.js';

/** All values of a goal, ready to be written. */
export interface GoalPlan {
  readonly constants: readonly number[];
  readonly numbers: readonly Expression[];
  readonly strings: readonly Expression[];
  readonly arrays: readonly ArrayPlan[];
  readonly objects: readonly ObjectPlan[];
}

/** Plans a goal and all goals of parts of its values, and finds those that some value meets. */
export class PossibleGoals {
  readonly #context: Context;
  readonly #shapes: Shapes;
  readonly #plans = new Map<Goal, GoalPlan>();
  readonly #possible = new Set<Goal>();

  constructor(context: Context, shapes: Shapes, root: Goal) {
    this.#context = context;
    this.#shapes = shapes;
    this.add(root);
  }

  /** Plans a goal and all goals that it needs. */
  add(root: Goal): void {
    if (this.#plans.has(root)) return;
    const open = [root];
    for (let goal = open.pop(); goal !== undefined; goal = open.pop()) {
      if (this.#plans.has(goal)) continue;
      const plan = this.#planOf(goal);
      this.#plans.set(goal, plan);
      for (const each of [...plan.arrays, ...plan.objects]) append(open, each.goals());
    }
    this.#decide();
  }

  /** The arrays whose items must differ. */
  get distinctArrays(): ArrayPlan[] {
    return [...this.#plans.values()].flatMap(({ arrays }) => arrays.filter((plan) => plan.isDistinct));
  }

  /** Takes out arrays that cannot be finished, and decides again what is possible. */
  remove(dead: ReadonlySet<ArrayPlan>): void {
    for (const [goal, plan] of this.#plans) {
      this.#plans.set(goal, { ...plan, arrays: plan.arrays.filter((array) => !dead.has(array)) });
    }
    this.#possible.clear();
    this.#decide();
  }

  plan(goal: Goal): GoalPlan {
    return this.#plans.get(goal)!;
  }

  readonly has = (goal: Goal): boolean => this.#possible.has(goal);

  #planOf(goal: Goal): GoalPlan {
    const { make } = this.#context;
    const shapes = this.#shapes.of(goal);
    const at = placeOf(goal);
    return {
      constants: shapes.constants,
      strings: shapes.strings,
      numbers: shapes.numbers.flatMap((shape) => {
        const text = new NumberTexts(make, shape, numberKey(shape)).all();
        return text === make.nothing ? [] : [text];
      }),
      arrays: shapes.arrays.map((shape) => new ArrayPlan(this.#context, shape, at)),
      objects: shapes.objects.map((shape) => new ObjectPlan(this.#context, shape, at)),
    };
  }

  /** The least set of goals that contains a goal if it contains enough goals for the parts of a value. */
  #decide(): void {
    const parts = [...this.#plans].reverse();
    for (let isChanged = true; isChanged; ) {
      isChanged = false;
      for (const [goal, plan] of parts) {
        if (this.#possible.has(goal) || !this.#isPossible(plan)) continue;
        this.#possible.add(goal);
        isChanged = true;
      }
    }
  }

  #isPossible({ constants, numbers, strings, arrays, objects }: GoalPlan): boolean {
    if (constants.length + numbers.length + strings.length > 0) return true;
    const { order } = this.#context;
    return (
      arrays.some((plan) => plan.finishable(this.has)(plan.start)) ||
      objects.some((plan) => {
        const course = new ObjectCourse(plan, order, this.has);
        return course.isFinishable(course.start);
      })
    );
  }
}
